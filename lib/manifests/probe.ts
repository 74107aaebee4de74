import type { HttpProbe } from '#lib/resources/mesh-state.ts'
import { probeRequestUnread, probeUnread } from './pod-fields.ts'
import { portOrName, text } from './scalars.ts'
import { object, optional, required } from './shape.ts'

const request = object({ path: optional(text), port: required(portOrName) }, probeRequestUnread)

export const probe = object({ httpGet: optional(request) }, probeUnread)

type Probe =
  | { readonly httpGet: { readonly path: string | undefined; readonly port: number | string } | undefined }
  | undefined

/** What is asked of a container over HTTP; a probe of a port that the container does not name is none. */
export function probesOf(container: {
  readonly ports: readonly { readonly name: string | undefined; readonly containerPort: number }[] | undefined
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly startupProbe: Probe
}): HttpProbe[] {
  const { livenessProbe, readinessProbe, startupProbe, ports = [] } = container
  return [livenessProbe, readinessProbe, startupProbe].flatMap(one => {
    if (one?.httpGet === undefined) return []
    const { path = '/', port } = one.httpGet
    const number = typeof port === 'number' ? port : ports.find(({ name }) => name === port)?.containerPort
    return number === undefined ? [] : [{ port: number, path }]
  })
}
