import { kindOfSegment } from '#components/ui/page-path.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'

/** The segments of a resource's address, as the router gives them. */
export interface ResourceParams {
  readonly namespace: string
  readonly kind: string
  readonly name: string
}

/** The resource of an address; `null` when its kind has no page or a segment is not well encoded. */
export function readResource({ namespace, kind, name }: ResourceParams): ResourceRef | null {
  const known = kindOfSegment(kind)
  if (known === undefined) return null
  try {
    return { namespace: decodeURIComponent(namespace), kind: known, name: decodeURIComponent(name) }
  } catch {
    return null
  }
}
