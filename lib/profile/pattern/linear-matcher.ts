import { hasCode } from './char-set.ts'
import type { Program } from './pattern-program.ts'
import { StepSets } from './step-sets.ts'

/** States remembered of one pattern; then all are forgotten. */
const MAX_STATES = 128
/** States that one text may add: making one costs as much as following the steps for some characters. */
const MAX_NEW_STATES = 64

const TAKE = 0
const SPLIT = 1
const BEGIN = 2
const END = 3
const DONE = 4

/** Steps that may be at once, and where each class of characters leads from there. */
interface State {
  /** Those that take a character, or wait for the text's end. */
  readonly steps: Uint16Array
  /** `null`: nowhere. */
  readonly next: (State | null | undefined)[]
  readonly isDoneAtEnd: boolean
}

/**
 * Tells whether texts match a program as a whole, in time that grows with the text's length times the number of steps
 * at most, whatever the pattern: all ways are followed at once. Sets of steps that were met are remembered with where
 * they lead, so that most characters cost one look.
 */
export class LinearMatcher {
  private readonly kinds: Uint8Array
  private readonly next: Uint16Array
  private readonly other: Uint16Array
  /** 1 where a step takes a class: at step × classes + class. */
  private readonly takes: Uint8Array
  private readonly classes: number
  private readonly classOf: (code: number) => number
  private readonly start: number
  /** The round in which a step was reached last. */
  private readonly marks: Uint32Array
  private round = 0
  private readonly pending: Uint16Array
  /** Steps reached in the present round, the first `reachedCount` of them. */
  private readonly reached: Uint16Array
  private reachedCount = 0
  /** Follows steps without remembering; made for the first text that needs it. */
  private sets: StepSets | null = null
  private states = new Map<string, State>()
  private first: State | null = null

  constructor({ classStarts, start, steps }: Program) {
    const count = steps.length
    this.start = start
    this.classes = classStarts.length
    this.classOf = classifier(classStarts)
    this.kinds = new Uint8Array(count)
    this.next = new Uint16Array(count)
    this.other = new Uint16Array(count)
    this.takes = new Uint8Array(count * this.classes)
    this.marks = new Uint32Array(count)
    this.pending = new Uint16Array(count)
    this.reached = new Uint16Array(count)
    for (const [index, step] of steps.entries()) {
      if (step.kind !== 'done') this.next[index] = step.next
      switch (step.kind) {
        case 'take':
          this.kinds[index] = TAKE
          for (const [at, code] of classStarts.entries()) {
            this.takes[index * this.classes + at] = hasCode(step.set, code) ? 1 : 0
          }
          break
        case 'split':
          this.kinds[index] = SPLIT
          this.other[index] = step.other
          break
        case 'edge':
          this.kinds[index] = step.at === 'begin' ? BEGIN : END
          break
        case 'done':
          this.kinds[index] = DONE
      }
    }
  }

  matches(text: string): boolean {
    let state = this.firstState()
    let made = 0
    for (let at = 0; at < text.length; at++) {
      const found = this.classOf(text.charCodeAt(at))
      let next = state.next[found]
      if (next === undefined) {
        if (made++ >= MAX_NEW_STATES) return this.follow(state.steps, text, at)
        this.advance(state.steps, state.steps.length, found)
        next = this.reachedCount === 0 ? null : this.stateOf(this.reached.slice(0, this.reachedCount).sort())
        state.next[found] = next
      }
      if (next === null) return false
      state = next
    }
    return state.isDoneAtEnd
  }

  /** Whether the rest of the text matches from these steps; remembers nothing. */
  private follow(steps: Uint16Array, text: string, from: number): boolean {
    this.sets ??= new StepSets(
      [...this.kinds.keys()].filter(step => this.kinds[step] !== SPLIT && this.kinds[step] !== BEGIN),
      this.classes,
      (step, found) => this.takes[step * this.classes + found] === 1,
      step => (this.kinds[step] === TAKE ? this.reachedAfter(step) : []),
    )
    const last = this.sets.follow(steps, text, from, this.classOf)
    return last.length > 0 && this.isDone(last, last.length)
  }

  private reachedAfter(step: number): Uint16Array {
    this.round++
    this.reachedCount = 0
    this.reach(this.next[step] as number, false, false)
    return this.reached.subarray(0, this.reachedCount)
  }

  private firstState(): State {
    if (this.first !== null) return this.first
    this.round++
    this.reachedCount = 0
    this.reach(this.start, true, false)
    const first = this.stateOf(this.reached.slice(0, this.reachedCount).sort())
    this.first = first
    return first
  }

  /** Reaches what is next after a character of a class. */
  private advance(steps: Uint16Array, count: number, found: number): void {
    const { classes, kinds, marks, next, takes } = this
    const round = ++this.round
    this.reachedCount = 0
    for (let i = 0; i < count; i++) {
      const step = steps[i] as number
      if (takes[step * classes + found] !== 1) continue
      const after = next[step] as number
      if (kinds[after] !== TAKE) this.reach(after, false, false)
      else if (marks[after] !== round) {
        marks[after] = round
        this.reached[this.reachedCount++] = after
      }
    }
  }

  private isDone(steps: Uint16Array, count: number): boolean {
    const { kinds } = this
    this.round++
    this.reachedCount = 0
    for (let i = 0; i < count; i++) this.reach(steps[i] as number, false, true)
    for (let i = 0; i < this.reachedCount; i++) if (kinds[this.reached[i] as number] === DONE) return true
    return false
  }

  /** Adds all steps that are reached without a character: those that take one, wait for the end, or are the last. */
  private reach(from: number, isBegin: boolean, isEnd: boolean): void {
    const { kinds, marks, next, other, pending, round } = this
    if (marks[from] === round) return
    marks[from] = round
    let count = 0
    pending[count++] = from
    while (count > 0) {
      const step = pending[--count] as number
      const kind = kinds[step] as number
      const isPassed = kind === SPLIT || (kind === BEGIN && isBegin) || (kind === END && isEnd)
      if (!isPassed) {
        if (kind !== BEGIN) this.reached[this.reachedCount++] = step
        continue
      }
      const after = next[step] as number
      if (marks[after] !== round) {
        marks[after] = round
        pending[count++] = after
      }
      if (kind !== SPLIT) continue
      const beside = other[step] as number
      if (marks[beside] !== round) {
        marks[beside] = round
        pending[count++] = beside
      }
    }
  }

  private stateOf(steps: Uint16Array): State {
    const key = String.fromCharCode(...steps)
    const known = this.states.get(key)
    if (known !== undefined) return known
    if (this.states.size >= MAX_STATES) {
      this.states = new Map()
      this.first = null
    }
    const isDoneAtEnd = this.isDone(steps, steps.length)
    const state: State = { steps, next: [], isDoneAtEnd }
    this.states.set(key, state)
    return state
  }
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
