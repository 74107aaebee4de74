import { resolve } from 'node:path'
import { readBasePath } from '#lib/api/base-path.ts'
import { parseDurationMs } from '#lib/metrics/duration.ts'
import { urlHost } from './url-host.ts'

// What flags may be set to: each reads a text, and throws with what was expected.

/** Milliseconds above 0. */
export function durationMs(text: string): number {
  const ms = parseDurationMs(text)
  if (!ms) throw new Error('a duration as 500ms, 5s, 1m or 24h')
  return ms
}

/** Milliseconds, 0 with or without a unit. */
export function durationOrZeroMs(text: string): number {
  return /^0(ms|s|m|h|d)?$/.test(text) ? 0 : durationMs(text)
}

/** A whole number above 0. */
export function count(text: string): number {
  const number = Number(text.replaceAll('_', ''))
  if (!/^[\d_]{1,15}$/.test(text) || number < 1) throw new Error('a whole number above 0')
  return number
}

/** Bytes. */
export function sizeBytes(text: string): number {
  const [, number, unit = ''] = /^(\d{1,9})(KiB|MiB|GiB)$/.exec(text) ?? []
  const size = Number(number) * 1_024 ** (['KiB', 'MiB', 'GiB'].indexOf(unit) + 1)
  if (!(size > 0)) throw new Error('a size as 64MiB or 1GiB')
  return size
}

/** 0 to 65535. */
export function port(text: string): number {
  const number = Number(text)
  if (!/^\d{1,5}$/.test(text) || number > 65_535) throw new Error('a port, 0 (any free one) to 65535')
  return number
}

/** Milliseconds between two readings of a proxy. */
export function scrapeIntervalMs(text: string): number {
  const ms = durationMs(text)
  if (ms < 200 || ms > 300_000) throw new Error('200ms to 5m')
  return ms
}

/** An address or a name to listen at. */
export function host(text: string): string {
  if (!/^[a-zA-Z0-9.:_-]+$/.test(text) || !URL.canParse(`http://${urlHost(text)}`)) {
    throw new Error('an address or a name of this machine')
  }
  return text
}

/** The address of an HTTP API; `null` when it is empty. Secrets don't belong in it, for addresses are shown. */
export function httpUrl(text: string): URL | null {
  if (text === '') return null
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new Error('an address as http://prometheus:9090')
  if (url.username !== '' || url.password !== '')
    throw new Error('an address without credentials, which belong into a file')
  return url
}

/** Matchers of labels as PromQL has them between braces. */
export function labelMatchers(text: string): string {
  const matcher = String.raw`\s*[a-zA-Z_]\w*\s*(=|!=|=~|!~)\s*"([^"\\\n]|\\.)*"\s*`
  if (!new RegExp(`^${matcher}(,${matcher})*$`).test(text))
    throw new Error('matchers of labels as job="linkerd-proxy",cluster="east"')
  return text
}

/** One of the words that are allowed. */
export function oneOf(allowed: readonly string[]): (text: string) => string {
  return text => {
    if (!allowed.includes(text)) throw new Error(`one of ${allowed.join(', ')}`)
    return text
  }
}

/** `true` for on. */
export function onOrOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new Error('on or off')
  return text === 'on'
}

/** A path from the root; empty when it is empty. */
export function path(text: string): string {
  return text === '' ? '' : resolve(text)
}

/** `/mesh`, or empty for none. */
export function pathPrefix(text: string): string {
  const prefix = readBasePath(text)
  if (prefix === null) throw new Error('a path as /mesh, of letters, digits and . _ ~ : @ -')
  return prefix
}

/** A DNS name. */
export function domain(text: string): string {
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text)) throw new Error('a DNS name')
  return text
}

/** Names in lower case. */
export function headerNames(text: string): readonly string[] {
  const names = text.split(',').map(name => name.trim().toLowerCase())
  if (text.trim() === '') return []
  if (names.some(name => !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name))) {
    throw new Error('names of headers, between commas, or nothing')
  }
  return names
}

/** `none`, or empty when nothing is said. */
export function authentication(text: string): string {
  if (text !== '' && text !== 'none') throw new Error('none, or to be left out')
  return text
}

/** A regular expression. */
export function pattern(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch {
    throw new Error('a regular expression')
  }
}
