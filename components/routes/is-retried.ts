import type { RouteRow } from '#lib/api/routes.ts'

/** Whether attempts and what clients saw are not the same: something was retried, or is still under way. */
export function isRetried({ effective, actual }: RouteRow): boolean {
  return effective.requests !== actual.requests || effective.successRate !== actual.successRate
}
