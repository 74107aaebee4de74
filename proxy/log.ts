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

/** Warnings are what traffic causes: of those that say the same only so many are written in one window, and of all. */
const WINDOW_MS = 10_000
const MAX_ALIKE = 10
const MAX_WARNINGS = 200

/**
 * A log of lines `<RFC 3339 time> <level> <message> key=value`, up to `level`, each handed to `write` with its newline.
 * Warnings beyond ten alike or 200 in ten seconds are left out, and counted before the next line after these.
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
  let windowMs = Number.NEGATIVE_INFINITY
  let warnings = 0
  let leftOut = 0
  const alike = new Map<string, number>()
  const turn = (atMs: number): void => {
    if (atMs - windowMs < WINDOW_MS && atMs >= windowMs) return
    if (leftOut > 0)
      write(`${timeText(atMs)} warn Warnings were left out count=${leftOut} since=${timeText(windowMs)}\n`)
    windowMs = atMs
    warnings = 0
    leftOut = 0
    alike.clear()
  }
  const mayWarn = (text: string): boolean => {
    const before = alike.get(text) ?? 0
    if (before >= MAX_ALIKE || warnings >= MAX_WARNINGS) {
      leftOut++
      return false
    }
    alike.set(text, before + 1)
    warnings++
    return true
  }
  const print =
    (at: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${printValue(value)}`)
      const text = `${oneLine(message)}${pairs.join('')}`
      const atMs = nowMs()
      turn(atMs)
      if (at !== 'warn' || mayWarn(text)) write(`${timeText(atMs)} ${at} ${text}\n`)
    }
  const enabled = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1)
  const printer = (at: LogLevel): Log[LogLevel] => (enabled.includes(at) ? print(at) : () => {})
  return { error: printer('error'), warn: printer('warn'), info: printer('info'), debug: printer('debug') }
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
