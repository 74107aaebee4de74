import type { TapFilter, TapStats } from '#lib/api/tap.ts'

/** How many requests were shown of those that the proxies counted, and what became of each of the rest. */
export function tapSummary(stats: TapStats, filter: TapFilter): string {
  const { shown, counted, dropped, paused = 0, unfinished = 0, isPartial = false } = stats
  const { method, path, authority, scheme, maxRps = 100 } = filter
  const known: readonly (readonly [number, string])[] = [
    [dropped.limit, `above --max-rps ${maxRps}`],
    [dropped.proxyBuffer, 'lost in full buffers of proxies'],
    [dropped.serverBuffer, 'lost in the full buffer of the server'],
    [dropped.slowClient, 'lost because this command reads too slowly'],
    [paused, 'while paused'],
    [unfinished, 'not ended yet'],
  ]
  const sum = known.reduce((all, [requests]) => all + requests, shown)
  const rest = counted === null || isPartial ? 0 : counted - sum
  const isNarrowed = [method, path, authority, scheme].some(condition => condition !== undefined)
  const restCause = isNarrowed ? 'that the filter leaves out' : 'before all proxies were tapped, or after'
  const notShown = [...known, [rest, restCause] as const]
    .filter(([requests]) => requests > 0)
    .map(([requests, cause]) => `${requests} ${cause}`)
  const of = counted === null ? '' : ` of ${counted} counted by the proxies`
  const more = isPartial ? '; there were more than could be watched' : ''
  return `Shown: ${shown} requests${of}${notShown.length > 0 ? `; not shown: ${notShown.join(', ')}` : ''}${more}`
}
