import type { InstancePort } from '#lib/resources/mesh-state.ts'

/** Ports that Linkerd treats as opaque unless told otherwise: SMTP, MySQL, Galera, PostgreSQL, Redis and the like. */
const usual = '25,587,3306,4444,5432,6379,9300,11211'

export const opaquePortsAnnotation = 'config.linkerd.io/opaque-ports'

/**
 * Whether a port carries bytes that must not be read as HTTP: the first of `annotations` that says so decides
 * (`6379,8000-8010,admin`), else Linkerd's usual ports do. A name stands for the port of that name.
 */
export function isOpaque(
  port: number,
  annotations: readonly Readonly<Record<string, string>>[],
  named: readonly InstancePort[] = [],
): boolean {
  const said = annotations.map(each => each[opaquePortsAnnotation]).find(value => value !== undefined)
  return (said ?? usual).split(',').some(item => {
    const [from = '', to = from, ...rest] = item.trim().split('-')
    if (rest.length === 0 && /^\d+$/.test(from) && /^\d+$/.test(to)) {
      return Number(from) <= port && port <= Number(to)
    }
    return named.some(one => one.name === item.trim() && one.port === port)
  })
}
