import type { SocketAddress } from './config.ts'

/** Reads variables of one environment, and gathers what is wrong with them. A bad value reads as its fallback. */
export class Environment {
  readonly problems: string[] = []
  readonly #variables: Readonly<Record<string, string | undefined>>

  constructor(variables: Readonly<Record<string, string | undefined>>) {
    this.#variables = variables
  }

  /** Unset and empty are the same. */
  has(name: string): boolean {
    return this.text(name) !== ''
  }

  text(name: string, fallback = ''): string {
    const value = this.#variables[name]?.trim() ?? ''
    return value === '' ? fallback : value
  }

  required(name: string): string {
    const value = this.text(name)
    if (value === '') this.problems.push(`${name} is required and not set`)
    return value
  }

  list(name: string): readonly string[] {
    return this.text(name)
      .split(',')
      .map(part => part.trim())
      .filter(part => part !== '')
  }

  number(name: string, fallback: number): number {
    const value = this.text(name)
    if (value === '') return fallback
    if (/^\d{1,9}$/.test(value)) return Number(value)
    return this.#refuse(name, 'a whole number', value, fallback)
  }

  /** A whole number from 1. */
  positive(name: string, fallback: number): number {
    const value = this.number(name, fallback)
    return value >= 1 ? value : this.#refuse(name, 'a number from 1', String(value), fallback)
  }

  flag(name: string, { on, off }: { on: string; off: string }, fallback: boolean): boolean {
    const value = this.text(name).toLowerCase()
    if (value === '') return fallback
    if (value === on) return true
    if (value === off) return false
    return this.#refuse(name, `${on} or ${off}`, value, fallback)
  }

  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
    const value = this.text(name, fallback)
    return (
      values.find(known => known === value) ??
      this.#refuse(name, `one of ${values.join(', ')}`, value, fallback)
    )
  }

  /** As `parseDurationMs` reads it. */
  durationMs(name: string, fallbackMs: number): number {
    const value = this.text(name)
    if (value === '') return fallbackMs
    return (
      parseDurationMs(value) ??
      this.#refuse(name, 'a duration like 300ms, 10s, 2m, 24h or 1d', value, fallbackMs)
    )
  }

  ports(name: string): readonly number[] {
    return this.list(name).flatMap(
      part => parsePort(part) ?? this.#refuse(name, 'ports from 1 to 65535', part, []),
    )
  }

  address(name: string, fallback: string): SocketAddress {
    const value = this.text(name, fallback)
    return parseAddress(value) ?? this.#refuse(name, 'host:port', value, { host: '', port: 0 })
  }

  #refuse<T>(name: string, expected: string, value: string, fallback: T): T {
    this.problems.push(`${name}: expected ${expected}, got "${value}"`)
    return fallback
  }
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a duration as Linkerd writes it, a whole number and `ms`, `s`, `m`, `h` or `d`; `null` for another text. */
export function parseDurationMs(text: string): number | null {
  const [, digits, unit] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text) ?? []
  const ms = Number(digits) * (UNITS_MS[unit ?? ''] ?? Number.NaN)
  return Number.isSafeInteger(ms) ? ms : null
}

function parsePort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? port : null
}

/** `127.0.0.1:4143`, `[::]:4143`, `identity.mesh.svc:8080`. Port 0 asks for any. */
export function parseAddress(text: string): SocketAddress | null {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535) return null
  return { host: host.replace(/\.$/, ''), port: Number(port) }
}
