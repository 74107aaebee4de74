import { hasCode, wordCharacters } from './char-set.ts'
import { Leads, MOST_WORDS, type Positions, setBit, WORD_BITS } from './leads.ts'
import { holdsAt, type Place } from './look.ts'
import type { Program, Step } from './pattern-program.ts'

const AFTER_WORD = 1
const BEFORE_WORD = 2

/**
 * Where a program leads, for sets of positions: a position is a step that took the text's last character; the highest one
 * is the place before the first. What a character costs depends on the number of steps alone, whatever the set.
 */
export class StepTables {
  /** The set before the first character. */
  readonly start: Positions
  private readonly words: number
  /** Positions that take a class of characters, class after class. */
  private readonly takes: Int32Array
  /** Which classes are of words; none where no step asks. */
  private readonly wordClasses: Uint8Array
  /** By whether the character before is of a word, and the one after; one where no step asks. */
  private readonly leads: readonly Leads[]
  /** Positions with which a text may end, by whether its last character is of a word. */
  private readonly ends: readonly [afterOther: Positions, afterWord: Positions]

  constructor(program: Program) {
    const { classStarts, looksForWords, start, steps } = program
    const taking = steps.flatMap((step, index) => (step.kind === 'take' ? [{ index, step }] : []))
    const bits = new Map(taking.map(({ index }, bit) => [index, bit]))
    const beforeFirst = taking.length
    const needed = Math.ceil((taking.length + 1) / WORD_BITS)
    this.words = needed > MOST_WORDS / 2 ? MOST_WORDS : needed
    this.start = this.none()
    setBit(this.start, 0, beforeFirst)
    this.takes = new Int32Array(classStarts.length * this.words)
    for (const [bit, { step }] of taking.entries()) {
      for (const [found, code] of classStarts.entries()) {
        if (hasCode(step.set, code)) setBit(this.takes, found * this.words, bit)
      }
    }
    this.wordClasses = Uint8Array.from(classStarts, code =>
      looksForWords && hasCode(wordCharacters, code) ? 1 : 0,
    )
    const from = [...taking.map(({ step }) => step.next), start]
    const reachedAt = (place: Omit<Place, 'isBegin'>) =>
      from.map((step, bit) => reachedFrom(steps, step, { ...place, isBegin: bit === beforeFirst }))
    const places = looksForWords ? [0, AFTER_WORD, BEFORE_WORD, AFTER_WORD | BEFORE_WORD] : [0]
    this.leads = places.map(place => {
      const isAfterWord = (place & AFTER_WORD) !== 0
      const isBeforeWord = (place & BEFORE_WORD) !== 0
      const reached = reachedAt({ isEnd: false, isAfterWord, isBeforeWord })
      return new Leads(
        reached.map(all => all.flatMap(step => bits.get(step) ?? [])),
        this.words,
      )
    })
    const endsAfter = (isAfterWord: boolean): Positions => {
      const ends = this.none()
      const reached = reachedAt({ isEnd: true, isAfterWord, isBeforeWord: false })
      for (const [bit, all] of reached.entries()) {
        if (all.some(step => steps[step]?.kind === 'done')) setBit(ends, 0, bit)
      }
      return ends
    }
    this.ends = [endsAfter(false), endsAfter(true)]
  }

  isOfWord(found: number): boolean {
    return this.wordClasses[found] === 1
  }

  /** Puts into `to` the positions that a character of the class leads to; returns whether there are any. */
  take(from: Positions, isAfterWord: boolean, found: number, to: Positions): boolean {
    const { takes, wordClasses, words } = this
    const place = (isAfterWord ? AFTER_WORD : 0) | (wordClasses[found] === 1 ? BEFORE_WORD : 0)
    const leads = this.leads[place] as Leads
    if (words === MOST_WORDS) leads.followMany(from, to)
    else leads.follow(from, to)
    let any = 0
    const row = found * words
    for (let word = 0; word < words; word++) {
      const taken = (to[word] as number) & (takes[row + word] as number)
      to[word] = taken
      any |= taken
    }
    return any !== 0
  }

  mayEnd(positions: Positions, isAfterWord: boolean): boolean {
    const ends = this.ends[isAfterWord ? 1 : 0]
    return positions.some((word, index) => (word & (ends[index] as number)) !== 0)
  }

  /** A set of no position. */
  none(): Positions {
    return new Int32Array(this.words)
  }
}

/** The steps that take a character, and the last one, as far as they are reached without one. */
function reachedFrom(steps: readonly Step[], start: number, place: Place): readonly number[] {
  const seen = new Set([start])
  // A set's iteration goes on with what is added meanwhile.
  for (const index of seen) {
    const step = steps[index]
    if (step?.kind === 'split') seen.add(step.next).add(step.other)
    else if (step?.kind === 'look' && holdsAt(step.at, place)) seen.add(step.next)
  }
  return [...seen].filter(index => steps[index]?.kind === 'take' || steps[index]?.kind === 'done')
}
