/** A longer path matches no pattern, so that what a match may cost has an end. */
export const MAX_PATH_CHARS = 8192

/**
 * Whether a path matches the pattern as a whole. Patterns are of Rust's regex dialect, read as JavaScript's: what
 * the two read differently is translated (`(?P<name>`, `\A`, `\z`) or refused with a `RangeError` (inline flags,
 * Unicode classes, lookaround, backreferences).
 */
export function compilePathPattern(regex: string): (path: string) => boolean {
  const refused = /\\[pPbB][{]|\\[1-9k]|\(\?(?!:|P?<[A-Za-z_])|\[\[:|&&|--|~~/.exec(
    unescapedBackslashes(regex),
  )
  if (refused !== null) {
    throw new RangeError(`Cannot use path pattern "${regex}": "${refused[0]}" is not supported`)
  }
  const translated = regex.replaceAll('(?P<', '(?<').replaceAll('\\A', '^').replaceAll('\\z', '$')
  let pattern: RegExp
  try {
    pattern = new RegExp(`^(?:${translated})$`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new RangeError(`Cannot use path pattern "${regex}": ${why}`, { cause: error })
  }
  return path => path.length <= MAX_PATH_CHARS && pattern.test(path)
}

/** The pattern without escaped backslashes, so that what follows one is not taken for an escape. */
function unescapedBackslashes(regex: string): string {
  return regex.replaceAll('\\\\', '')
}
