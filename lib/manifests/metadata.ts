import { dnsLabel, text } from './scalars.ts'
import { object, optional, record, required, type Shape } from './shape.ts'

/** What every object says of itself. */
export interface Metadata {
  readonly name: string
  /** Empty when it is not said. */
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** Fields of Kubernetes' ObjectMeta that the mesh has no use for. */
const unread = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'managedFields',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
]

/** Reads `metadata`, with a name of the given form. */
export function metadata(name: Shape<string>): Shape<Metadata> {
  const shape = object(
    {
      name: required(name),
      namespace: optional(dnsLabel),
      labels: optional(record(text)),
      annotations: optional(record(text)),
    },
    unread,
  )
  return (value, path, report) => {
    const read = shape(value, path, report)
    if (read === undefined) return undefined
    return {
      name: read.name,
      namespace: read.namespace ?? '',
      labels: read.labels ?? {},
      annotations: read.annotations ?? {},
    }
  }
}
