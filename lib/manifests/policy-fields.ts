import type { LabelMatch } from '#lib/resources/match-labels.ts'
import type { CidrBlock, ObjectRef } from '#lib/resources/policy-objects.ts'
import { cidr } from './address.ts'
import { dnsLabel, dnsSubdomain, matching, oneOf, text } from './scalars.ts'
import { checked, list, object, optional, record, required, type Shape } from './shape.ts'

export const policyGroup = 'policy.linkerd.io'

const selectorFields = object({
  matchLabels: optional(record(text)),
  matchExpressions: optional(
    list(
      checked(
        object({
          key: required(text),
          operator: required(oneOf('In', 'NotIn', 'Exists', 'DoesNotExist')),
          values: optional(list(text)),
        }),
        ({ operator, values }) => {
          const wantsValues = operator === 'In' || operator === 'NotIn'
          if (wantsValues === (values ?? []).length > 0) return undefined
          return `expected ${wantsValues ? 'values' : 'no values'} with ${operator}, found ${(values ?? []).length}`
        },
      ),
    ),
  ),
})

/** A LabelSelector. */
export const labelSelector: Shape<LabelMatch> = (value, path, report) => {
  const fields = selectorFields(value, path, report)
  return (
    fields && {
      matchLabels: fields.matchLabels ?? {},
      matchExpressions: (fields.matchExpressions ?? []).map(one => ({ ...one, values: one.values ?? [] })),
    }
  )
}

const blockFields = object({ cidr: required(cidr), except: optional(list(cidr)) })

/** An address block with holes. */
export const cidrBlock: Shape<CidrBlock> = (value, path, report) => {
  const fields = blockFields(value, path, report)
  return fields && { cidr: fields.cidr, except: fields.except ?? [] }
}

/** An identity, or `*`, or `*.` and the end of one. */
export const identityPattern = matching(
  /^(?:\*|(?:\*\.)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*)$/,
  'an identity, or * and the end of one',
)

const refFields = object({
  group: optional(text),
  kind: required(text),
  name: required(dnsSubdomain),
  namespace: optional(dnsLabel),
})

/** A reference to another object, before its namespace is known. */
export type LooseRef = Omit<ObjectRef, 'namespace'> & { readonly namespace: string | undefined }

/** A reference to an object of one of these kinds (`policy.linkerd.io/Server`; the core's have no group: `/Namespace`). */
export function objectRef(...kinds: readonly string[]): Shape<LooseRef> {
  const shape = checked(refFields, ({ group, kind }) => {
    const id = `${group === 'core' ? '' : (group ?? '')}/${kind}`
    if (kinds.includes(id)) return undefined
    return `expected a reference to one of ${kinds.map(readable).join(', ')}, found ${readable(id)}`
  })
  return (value, path, report) => {
    const fields = shape(value, path, report)
    if (fields === undefined) return undefined
    const group = fields.group === 'core' ? '' : (fields.group ?? '')
    return { group, kind: fields.kind, name: fields.name, namespace: fields.namespace }
  }
}

/** The reference, in the namespace it names or else that of the object which holds it. */
export function refIn<R extends { readonly namespace?: string | undefined }>(
  ref: R,
  namespace: string,
): Omit<R, 'namespace'> & { namespace: string } {
  return { ...ref, namespace: ref.namespace ?? namespace }
}

function readable(id: string): string {
  const [group, kind] = id.split('/')
  return group ? `${kind} (${group})` : `${kind} (core)`
}
