/** What goes beside a message: names and values. */
type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Lines of `<RFC 3339 time> <level> <message> key=value`, one per event. */
export interface Log {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** A log that hands each line, with its line end, to `write`. Line breaks inside values are escaped. */
export function createLog(write: (line: string) => void, nowMs: () => number): Log {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const pairs = Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => ` ${key}=${printed(value)}`)
      write(`${new Date(nowMs()).toISOString()} ${level} ${oneLine(message)}${pairs.join('')}\n`)
    }
  return { info: at('info'), warn: at('warn'), error: at('error') }
}

function printed(value: LogFields[string]): string {
  const text = String(value)
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)
}

function oneLine(text: string): string {
  return text.replace(/\r?\n/g, ' ')
}
