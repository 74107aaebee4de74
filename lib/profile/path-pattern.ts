/** A longer path matches no pattern, so that what a match may cost has an end. */
export const MAX_PATH_CHARS = 8192

/**
 * Unicode classes, backreferences, inline flags and lookaround, and in a class another one or a set operation. Read
 * from a pattern without its escaped backslashes, so that what follows one is not taken for an escape.
 */
const UNSUPPORTED = /\\[pP]|\\[1-9k]|\(\?(?!:|P?<[A-Za-z_])|(?<!\\)\[(?:[^\]\\]|\\.)*?(?:\[|&&|--|~~)/

const TRANSLATED: ReadonlyMap<string, string> = new Map([
  ['\\A', '^'],
  ['\\z', '$'],
  ['(?P<', '(?<'],
])

/**
 * Whether a path matches the pattern as a whole. Patterns are of Rust's regex dialect, read as JavaScript's: what
 * the two read differently is translated (`(?P<name>`, `\A`, `\z`) or refused with a `RangeError` (inline flags,
 * Unicode classes, lookaround, backreferences).
 */
export function compilePathPattern(regex: string): (path: string) => boolean {
  const refused = UNSUPPORTED.exec(regex.replaceAll('\\\\', ''))
  if (refused !== null) {
    throw new RangeError(`Cannot use path pattern "${regex}": "${refused[0]}" is not supported`)
  }
  const translated = regex.replaceAll(/\\[\\Az]|\(\?P</g, part => TRANSLATED.get(part) ?? part)
  let pattern: RegExp
  try {
    pattern = new RegExp(`^(?:${translated})$`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new RangeError(`Cannot use path pattern "${regex}": ${why}`, { cause: error })
  }
  return path => path.length <= MAX_PATH_CHARS && pattern.test(path)
}
