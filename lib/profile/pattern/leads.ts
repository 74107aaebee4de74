export const WORD_BITS = 32
/** Words of a set that is followed by a loop that is written out. */
export const MOST_WORDS = 6
/** Positions of which it is looked up together where they lead. */
const CHUNK_BITS = 8
const CHUNK_VALUES = 1 << CHUNK_BITS
const CHUNK_MASK = CHUNK_VALUES - 1
const CHUNKS_PER_WORD = WORD_BITS / CHUNK_BITS
const TOP_BIT = WORD_BITS - 1

/** A set of positions, as bits. */
export type Positions = Int32Array

/**
 * Where each position leads. Most lead to the one below alone: all of these move by one shift. Of the others eight are
 * looked up at once, in tables of at most 150 KB.
 */
export class Leads {
  private readonly words: number
  /** Positions that lead to the one below alone. */
  private readonly shifts: Positions
  /** Where each set of the other positions of one chunk leads. */
  private readonly tables: Int32Array

  /** `reached`: by each position. */
  constructor(reached: readonly (readonly number[])[], words: number) {
    this.words = words
    this.shifts = new Int32Array(words)
    this.tables = new Int32Array(words * CHUNKS_PER_WORD * CHUNK_VALUES * words)
    for (const [bit, all] of reached.entries()) {
      if (all.length === 1 && all[0] === bit - 1) setBit(this.shifts, 0, bit)
      else for (const next of all) setBit(this.tables, this.rowOf(bit), next)
    }
    this.fill()
  }

  /** Puts into `to` where the positions lead. */
  follow(from: Positions, to: Positions): void {
    const { shifts, tables, words } = this
    to.fill(0)
    for (let word = 0; word < words; word++) {
      const bits = from[word] as number
      if (bits === 0) continue
      const moved = bits & (shifts[word] as number)
      to[word] = (to[word] as number) | (moved >>> 1)
      if (word > 0) to[word - 1] = (to[word - 1] as number) | (moved << TOP_BIT)
      let others = bits ^ moved
      for (let chunk = word * CHUNKS_PER_WORD; others !== 0; chunk++, others >>>= CHUNK_BITS) {
        const row = (chunk * CHUNK_VALUES + (others & CHUNK_MASK)) * words
        for (let i = 0; i < words; i++) to[i] = (to[i] as number) | (tables[row + i] as number)
      }
    }
  }

  /** The same for sets of `MOST_WORDS`: what is gathered stays out of memory, which takes a third of the time. */
  followMany(from: Positions, to: Positions): void {
    const { shifts, tables } = this
    const m0 = (from[0] as number) & (shifts[0] as number)
    const m1 = (from[1] as number) & (shifts[1] as number)
    const m2 = (from[2] as number) & (shifts[2] as number)
    const m3 = (from[3] as number) & (shifts[3] as number)
    const m4 = (from[4] as number) & (shifts[4] as number)
    const m5 = (from[5] as number) & (shifts[5] as number)
    let a = (m0 >>> 1) | (m1 << TOP_BIT)
    let b = (m1 >>> 1) | (m2 << TOP_BIT)
    let c = (m2 >>> 1) | (m3 << TOP_BIT)
    let d = (m3 >>> 1) | (m4 << TOP_BIT)
    let e = (m4 >>> 1) | (m5 << TOP_BIT)
    let f = m5 >>> 1
    for (let word = 0; word < MOST_WORDS; word++) {
      let others = (from[word] as number) & ~(shifts[word] as number)
      for (let chunk = word * CHUNKS_PER_WORD; others !== 0; chunk++, others >>>= CHUNK_BITS) {
        const row = (chunk * CHUNK_VALUES + (others & CHUNK_MASK)) * MOST_WORDS
        a |= tables[row] as number
        b |= tables[row + 1] as number
        c |= tables[row + 2] as number
        d |= tables[row + 3] as number
        e |= tables[row + 4] as number
        f |= tables[row + 5] as number
      }
    }
    to[0] = a
    to[1] = b
    to[2] = c
    to[3] = d
    to[4] = e
    to[5] = f
  }

  private rowOf(bit: number): number {
    const chunk = Math.floor(bit / CHUNK_BITS)
    return (chunk * CHUNK_VALUES + (1 << (bit % CHUNK_BITS))) * this.words
  }

  /** Sets of several positions lead where each of them does. */
  private fill(): void {
    const { tables, words } = this
    for (let chunk = 0; chunk < words * CHUNKS_PER_WORD; chunk++) {
      for (let value = 1; value < CHUNK_VALUES; value++) {
        const lowest = value & -value
        if (value === lowest) continue
        const row = (chunk * CHUNK_VALUES + value) * words
        const one = (chunk * CHUNK_VALUES + lowest) * words
        const rest = (chunk * CHUNK_VALUES + (value ^ lowest)) * words
        for (let i = 0; i < words; i++)
          tables[row + i] = (tables[one + i] as number) | (tables[rest + i] as number)
      }
    }
  }
}

/** Sets a bit of the set that begins at the word `from`. */
export function setBit(sets: Int32Array, from: number, bit: number): void {
  const at = from + Math.floor(bit / WORD_BITS)
  sets[at] = (sets[at] as number) | (1 << (bit % WORD_BITS))
}
