/** How much is written: each level with all before it. */
const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

type LogFields = Readonly<Record<string, string | number | boolean | null>>

/** Where the proxy says what it does; one line per call. */
export interface Log {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
}

/** A log of lines `<RFC 3339 time> <level> <message> key=value`, up to `level`, each handed to `write` with its newline. */
export function createLog({
  level,
  write,
  nowMs,
}: {
  level: LogLevel
  write: (line: string) => void
  nowMs: () => number
}): Log {
  const print =
    (at: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${printValue(value)}`)
      write(`${new Date(nowMs()).toISOString()} ${at} ${oneLine(message)}${pairs.join('')}\n`)
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

function printValue(value: string | number | boolean | null): string {
  const text = String(value)
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ')
}
