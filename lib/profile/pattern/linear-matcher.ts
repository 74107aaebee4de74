import type { Positions } from './leads.ts'
import type { Program } from './pattern-program.ts'
import { StepTables } from './step-tables.ts'

/** States remembered of one pattern; then all are forgotten. */
const MAX_STATES = 256
/** States that one text may add: making one costs as much as following the steps for some characters. */
const MAX_NEW_STATES = 128

const LAST_SINGLE = 0xffff
const FIRST_OF_PAIR = 0xd800
const LAST_FIRST_OF_PAIR = 0xdbff

/** Positions that a text may have led to, and where each class of characters leads from there. */
interface State {
  readonly positions: Positions
  readonly isAfterWord: boolean
  /** `null`: nowhere. */
  readonly next: (State | null | undefined)[]
  readonly mayEnd: boolean
}

/**
 * Tells whether texts match a program as a whole, in time that grows with the text's length times the number of steps
 * at most, whatever the pattern: all ways are followed at once. Sets of positions that were met are remembered with where
 * they lead, so that most characters cost one look.
 */
export class LinearMatcher {
  private readonly tables: StepTables
  private readonly classOf: (code: number) => number
  private readonly first: State
  private states = new Map<string, State>()

  constructor(program: Program) {
    this.tables = new StepTables(program)
    this.classOf = classifier(program.classStarts)
    this.first = this.makeState(this.tables.start, false)
  }

  matches(text: string): boolean {
    let state = this.first
    let made = 0
    for (let at = 0; at < text.length; ) {
      const code = codeAt(text, at)
      const found = this.classOf(code)
      let next = state.next[found]
      if (next === undefined) {
        if (made++ >= MAX_NEW_STATES) return this.follow(state, text, at)
        next = this.stateAfter(state, found)
        state.next[found] = next
      }
      if (next === null) return false
      state = next
      at += code > LAST_SINGLE ? 2 : 1
    }
    return state.mayEnd
  }

  /** Whether the rest of the text matches from this state on; remembers nothing. */
  private follow(state: State, text: string, from: number): boolean {
    const { tables } = this
    let { isAfterWord, positions } = state
    let to = tables.none()
    let other = tables.none()
    for (let at = from; at < text.length; ) {
      const code = codeAt(text, at)
      const found = this.classOf(code)
      if (!tables.take(positions, isAfterWord, found, to)) return false
      isAfterWord = tables.isOfWord(found)
      positions = to
      to = other
      other = positions
      at += code > LAST_SINGLE ? 2 : 1
    }
    return tables.mayEnd(positions, isAfterWord)
  }

  private stateAfter({ isAfterWord, positions }: State, found: number): State | null {
    const { tables } = this
    const to = tables.none()
    if (!tables.take(positions, isAfterWord, found, to)) return null
    const isOfWord = tables.isOfWord(found)
    const key = `${isOfWord}${String.fromCharCode(...new Uint16Array(to.buffer))}`
    const known = this.states.get(key)
    if (known !== undefined) return known
    if (this.states.size >= MAX_STATES) {
      this.states = new Map()
      this.first.next.length = 0
    }
    const state = this.makeState(to, isOfWord)
    this.states.set(key, state)
    return state
  }

  private makeState(positions: Positions, isAfterWord: boolean): State {
    return { positions, isAfterWord, next: [], mayEnd: this.tables.mayEnd(positions, isAfterWord) }
  }
}

/** The code point at an index; half of a pair that stands alone is one, too. */
function codeAt(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return unit < FIRST_OF_PAIR || unit > LAST_FIRST_OF_PAIR ? unit : (text.codePointAt(at) ?? unit)
}

/** The class of a character, by where classes start. */
function classifier(starts: readonly number[]): (code: number) => number {
  const classOf = (code: number): number => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] as number) <= code) low = middle
      else high = middle
    }
    return low
  }
  const common = Uint16Array.from({ length: 256 }, (_, code) => classOf(code))
  return code => common[code] ?? classOf(code)
}
