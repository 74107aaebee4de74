import type {
  ProfileRoute,
  RequestCondition,
  ResponseCondition,
  WeightedAuthority,
} from '#lib/resources/service-profile.ts'
import { defineKind } from './manifest-kind.ts'
import { boolean, dnsSubdomain, durationMs, integer, number, port, quantity, regex, text } from './scalars.ts'
import { anything, checked, found, list, object, optional, required, type Shape } from './shape.ts'

const requestCondition: Shape<RequestCondition> = (value, path, report) =>
  withoutMissing(requestConditionFields(value, path, report))

const requestConditionFields = checked(
  object({
    pathRegex: optional(regex),
    method: optional(text),
    all: optional(list((value, path, report) => requestCondition(value, path, report))),
    any: optional(list((value, path, report) => requestCondition(value, path, report))),
    not: optional((value, path, report) => requestCondition(value, path, report)),
  }),
  fields =>
    Object.keys(fields).length > 0
      ? undefined
      : 'expected one of pathRegex, method, all, any, not, found none',
)

const status = checked(
  object({ min: optional(integer(100, 599)), max: optional(integer(100, 599)) }),
  ({ min, max }) => {
    if (min === undefined && max === undefined) return 'expected min, max or both, found neither'
    return min !== undefined && max !== undefined && max < min
      ? `expected max at or above min, found ${max} below ${min}`
      : undefined
  },
)

const responseCondition: Shape<ResponseCondition> = (value, path, report) => {
  const fields = responseConditionFields(value, path, report)
  if (fields === undefined) return undefined
  const { status: range, ...rest } = fields
  const exact = range?.min ?? range?.max ?? 0
  return withoutMissing({
    ...rest,
    status: range && { min: range.min ?? exact, max: range.max ?? exact },
  })
}

const responseConditionFields = checked(
  object({
    status: optional(status),
    all: optional(list((value, path, report) => responseCondition(value, path, report))),
    any: optional(list((value, path, report) => responseCondition(value, path, report))),
    not: optional((value, path, report) => responseCondition(value, path, report)),
  }),
  fields =>
    Object.keys(fields).length > 0 ? undefined : 'expected one of status, all, any, not, found none',
)

const name: Shape<string> = (value, path, report) =>
  typeof value === 'string' && value.trim() !== ''
    ? value
    : report(path, `expected a name, found ${found(value)}`)

const route = object({
  name: required(name),
  condition: required(requestCondition),
  isRetryable: optional(boolean),
  timeout: optional(durationMs()),
  responseClasses: optional(
    list(object({ condition: required(responseCondition), isFailure: optional(boolean) })),
  ),
})

/** The custom resource's schema says text and Linkerd's code says number: both are read. */
const opaquePort: Shape<number> = (value, path, report) =>
  port(typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value, path, report)

const spec = object({
  routes: optional(list(route)),
  retryBudget: optional(
    object({
      retryRatio: required(number(0, 1000)),
      minRetriesPerSecond: required(integer(0, 0xffff_ffff)),
      ttl: required(durationMs(1000, 60_000)),
    }),
  ),
  dstOverrides: optional(list(object({ authority: required(text), weight: required(quantity) }))),
  opaquePorts: optional(list(opaquePort)),
})

/** Fields that were not written are left out rather than `undefined`, as the types of a condition want it. */
function withoutMissing<T extends object>(
  fields: T | undefined,
): { [K in keyof T]: Exclude<T[K], undefined> } | undefined {
  if (fields === undefined) return undefined
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as { [K in keyof T]: Exclude<T[K], undefined> }
}

export const serviceProfileKind = defineKind({
  kind: 'ServiceProfile',
  apiVersions: ['linkerd.io/v1alpha2', 'linkerd.io/v1alpha1'],
  name: dnsSubdomain,
  spec: required(spec),
  status: optional(anything),
  build: ({ meta, spec }) => ({
    namespace: meta.namespace,
    name: meta.name,
    routes: (spec.routes ?? []).map(
      (one): ProfileRoute => ({
        name: one.name,
        condition: one.condition,
        isRetryable: one.isRetryable ?? false,
        timeoutMs: one.timeout ?? null,
        responseClasses: (one.responseClasses ?? []).map(({ condition, isFailure }) => ({
          condition,
          isFailure: isFailure ?? false,
        })),
      }),
    ),
    retryBudget: spec.retryBudget
      ? {
          retryRatio: spec.retryBudget.retryRatio,
          minRetriesPerSecond: spec.retryBudget.minRetriesPerSecond,
          ttlMs: spec.retryBudget.ttl,
        }
      : null,
    dstOverrides: (spec.dstOverrides ?? []) satisfies readonly WeightedAuthority[],
    opaquePorts: spec.opaquePorts ?? [],
  }),
  list: into => into.profiles,
})
