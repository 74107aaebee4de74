import { LinearMatcher } from './pattern/linear-matcher.ts'
import { parsePattern } from './pattern/parse-pattern.ts'
import { compileProgram } from './pattern/pattern-program.ts'

/** A longer path matches no pattern, so that what a match may cost has an end. */
export const MAX_PATH_CHARS = 8192

/**
 * Whether a path matches the pattern as a whole. Patterns are of Rust's regex dialect. Throws a RangeError for one that
 * cannot be read, uses what is not supported (Unicode classes, lookaround, backreferences, the flags `m`, `x` and `R`),
 * or is so large that a long path would take long.
 */
export function compilePathPattern(regex: string): (path: string) => boolean {
  let matcher: LinearMatcher
  try {
    matcher = new LinearMatcher(compileProgram(parsePattern(regex)))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new RangeError(`Cannot use path pattern "${regex}": ${error.message}`, { cause: error })
  }
  return path => path.length <= MAX_PATH_CHARS && matcher.matches(path)
}
