/** How much is written: each level with all before it. */
const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

export type LogFields = Readonly<Record<string, string | number | boolean | null>>

/** Where the proxy says what it does; one line per call. */
export interface Log {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
}

/** Lines that traffic causes: of those that say the same only so many are written in one window, and of all. */
const WINDOW_MS = 10_000
const MAX_ALIKE = 10
const MAX_LINES = 200

/**
 * A log of lines `<RFC 3339 time> <level> <message> key=value`, up to `level`, each handed to `write` with its newline.
 * Of warnings, and of notes (`info`), those beyond ten alike but for their numbers, or beyond 200, are left out of ten
 * seconds, and counted before the next line of their level after these.
 */
export function createLog({
  level,
  write,
  nowMs,
}: {
  level: LogLevel
  write: (line: string) => void
  nowMs: () => number
}): Log {
  const bounds = { warn: new LineBound(), info: new LineBound() }
  const print =
    (at: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${printValue(value)}`)
      const text = `${oneLine(message)}${pairs.join('')}`
      const atMs = nowMs()
      if (at === 'warn' || at === 'info') {
        const bound = bounds[at]
        const past = bound.turn(atMs)
        if (past !== null) {
          const what = at === 'warn' ? 'Warnings' : 'Notes'
          write(
            `${timeText(atMs)} ${at} ${what} were left out count=${past.leftOut} since=${timeText(past.sinceMs)}\n`,
          )
        }
        if (!bound.takes(text)) return
      }
      write(`${timeText(atMs)} ${at} ${text}\n`)
    }
  const enabled = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1)
  const printer = (at: LogLevel): Log[LogLevel] => (enabled.includes(at) ? print(at) : () => {})
  return { error: printer('error'), warn: printer('warn'), info: printer('info'), debug: printer('debug') }
}

/** How many lines of one level were written in the window, and left out of it. */
class LineBound {
  #sinceMs = Number.NEGATIVE_INFINITY
  #written = 0
  #leftOut = 0
  readonly #alike = new Map<string, number>()

  /** Begins a new window when it is time; what was left out of the one before, if anything was. */
  turn(atMs: number): { readonly leftOut: number; readonly sinceMs: number } | null {
    if (atMs - this.#sinceMs < WINDOW_MS && atMs >= this.#sinceMs) return null
    const past = this.#leftOut > 0 ? { leftOut: this.#leftOut, sinceMs: this.#sinceMs } : null
    this.#sinceMs = atMs
    this.#written = 0
    this.#leftOut = 0
    this.#alike.clear()
    return past
  }

  takes(text: string): boolean {
    // Ports and addresses are what a client may choose.
    const kind = text.replaceAll(/\d+/g, '0')
    const before = this.#alike.get(kind) ?? 0
    if (before >= MAX_ALIKE || this.#written >= MAX_LINES) {
      this.#leftOut++
      return false
    }
    this.#alike.set(kind, before + 1)
    this.#written++
    return true
  }
}

/** The level of a Linkerd log filter (`warn,linkerd=info`): its most talkative part; `warn` when it names none. */
export function parseLogLevel(filter: string): LogLevel {
  const levels = filter.split(',').map(part =>
    part
      .slice(part.indexOf('=') + 1)
      .trim()
      .toLowerCase(),
  )
  if (levels.includes('trace')) return 'debug'
  return [...LOG_LEVELS].reverse().find(level => levels.includes(level)) ?? 'warn'
}

function timeText(atMs: number): string {
  return new Date(atMs).toISOString()
}

function printValue(value: string | number | boolean | null): string {
  const text = String(value)
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ')
}
