import type { TapEvent, TapPeer, TapStats } from '#lib/api/tap.ts'
import { amount, latency, type Quantity, quantityText } from '#lib/metrics/format.ts'

/** `shop/web`, or the address of what the mesh does not know. */
export function peerName({ workload, ip }: TapPeer): string {
  return workload === null ? ip : `${workload.namespace}/${workload.name}`
}

/** The time of day to the millisecond, in the browser's zone. */
export function clockTime(at: string): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return at
  const two = (value: number): string => String(value).padStart(2, '0')
  const millis = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`
}

/** How the answer went: what the status says, or why there is none. */
export function outcome({ status, end, grpcStatus }: TapEvent): {
  text: string
  grade: 'good' | 'warn' | 'bad'
} {
  if (end === 'pending' && status === undefined) return { text: 'pending', grade: 'warn' }
  if (status === undefined) return { text: 'reset', grade: 'bad' }
  const isFailure = status >= 500 || (grpcStatus !== undefined && grpcStatus > 0)
  const text = grpcStatus === undefined ? String(status) : `${status} · ${grpcStatus}`
  if (end === 'reset') return { text: `${text} reset`, grade: 'bad' }
  return { text, grade: isFailure ? 'bad' : status >= 400 ? 'warn' : 'good' }
}

/** To the response's head; a request without one lasts still, or never had any. */
export function latencyOf(event: TapEvent): Quantity {
  return latency(event.latencyMs ?? null)
}

/** `1,204 of 3,000 requests` */
export function shownWords({ shown, counted }: TapStats): string {
  const count = (value: number): string => quantityText(amount(value, ''))
  return counted === null
    ? `${count(shown)} requests`
    : `${count(shown)} of ${count(Math.max(counted, shown))} requests`
}

const causes: readonly (readonly [keyof TapStats['dropped'], string])[] = [
  ['limit', 'over the limit of requests per second'],
  ['proxyBuffer', 'lost where a proxy’s buffer was full'],
  ['serverBuffer', 'lost where the server’s buffer was full'],
  ['slowClient', 'lost because this page read too slowly'],
]

/** What was not shown, by its cause; without those that did not happen. */
export function droppedWords({
  dropped,
  paused = 0,
  unfinished = 0,
  isPartial = false,
}: TapStats): readonly string[] {
  const words = causes.flatMap(([cause, why]) =>
    dropped[cause] === 0 ? [] : [`${quantityText(amount(dropped[cause], ''))} ${why}`],
  )
  if (paused > 0) words.push(`${quantityText(amount(paused, ''))} while paused`)
  if (unfinished > 0) words.push(`${quantityText(amount(unfinished, ''))} not finished`)
  if (isPartial) words.push('and an unknown number that the proxies had no room for')
  return words
}
