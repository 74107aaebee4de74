const WORD_BITS = 32
/** Steps of which it is looked up together where they lead. */
const CHUNK_BITS = 8
const CHUNK_VALUES = 1 << CHUNK_BITS
const CHUNK_MASK = CHUNK_VALUES - 1
const CHUNKS_PER_WORD = WORD_BITS / CHUNK_BITS

/**
 * Follows sets of steps as bits: what a character costs depends on the number of steps alone, not on how many of them
 * are reached. Most steps lead to the one before them alone: all of these move by one shift. Of the others eight are
 * looked up at once, in tables of at most 150 KB for 192 steps.
 */
export class StepSets {
  private readonly words: number
  /** Steps that take a class of characters, class after class. */
  private readonly takes: Uint32Array
  /** Of these, those that lead to the step before alone. */
  private readonly shifts: Uint32Array
  /** Where each set of the other steps of one chunk leads. */
  private readonly leads: Uint32Array
  private readonly bits = new Map<number, number>()
  private present: Uint32Array
  private spare: Uint32Array

  /**
   * `steps`: those that a set may hold, ascending. `leadsTo`: the steps that are reached once a step has taken a
   * character.
   */
  constructor(
    private readonly steps: readonly number[],
    classes: number,
    takes: (step: number, found: number) => boolean,
    leadsTo: (step: number) => Iterable<number>,
  ) {
    const words = Math.ceil(steps.length / WORD_BITS)
    this.words = words
    this.takes = new Uint32Array(classes * words)
    this.shifts = new Uint32Array(words)
    this.leads = new Uint32Array(words * CHUNKS_PER_WORD * CHUNK_VALUES * words)
    this.present = new Uint32Array(words)
    this.spare = new Uint32Array(words)
    for (const [bit, step] of steps.entries()) this.bits.set(step, bit)
    for (const [bit, step] of steps.entries()) {
      for (let found = 0; found < classes; found++) {
        if (takes(step, found)) add(this.takes, found * words, bit)
      }
      const reached = Array.from(leadsTo(step), next => this.bits.get(next) ?? 0)
      if (reached.length === 1 && reached[0] === bit - 1) add(this.shifts, 0, bit)
      else this.addLeads(bit, reached)
    }
  }

  /** The steps that are reached once `text` is taken from `at`; none when it cannot be. */
  follow(from: Iterable<number>, text: string, at: number, classOf: (code: number) => number): Uint16Array {
    this.present.fill(0)
    for (const step of from) add(this.present, 0, this.bits.get(step) ?? 0)
    for (let i = at; i < text.length; i++) {
      if (!this.take(classOf(text.charCodeAt(i)))) return new Uint16Array(0)
    }
    const last = this.steps.filter((_, bit) => {
      const word = this.present[Math.floor(bit / WORD_BITS)] as number
      return (word & (1 << (bit % WORD_BITS))) !== 0
    })
    return Uint16Array.from(last)
  }

  /** Returns whether any step takes the character. */
  private take(found: number): boolean {
    const { leads, present, shifts, spare, takes, words } = this
    spare.fill(0)
    let any = 0
    for (let word = 0; word < words; word++) {
      const bits = (present[word] as number) & (takes[found * words + word] as number)
      any |= bits
      const moved = bits & (shifts[word] as number)
      spare[word] = (spare[word] as number) | (moved >>> 1)
      if (word > 0) spare[word - 1] = (spare[word - 1] as number) | (moved << (WORD_BITS - 1))
      let others = bits & ~(shifts[word] as number)
      for (let chunk = word * CHUNKS_PER_WORD; others !== 0; chunk++, others >>>= CHUNK_BITS) {
        const value = others & CHUNK_MASK
        if (value === 0) continue
        const row = (chunk * CHUNK_VALUES + value) * words
        for (let i = 0; i < words; i++) spare[i] = (spare[i] as number) | (leads[row + i] as number)
      }
    }
    this.present = spare
    this.spare = present
    return any !== 0
  }

  private addLeads(bit: number, reached: readonly number[]): void {
    const chunk = Math.floor(bit / CHUNK_BITS)
    const mask = 1 << (bit % CHUNK_BITS)
    for (let value = 0; value < CHUNK_VALUES; value++) {
      if ((value & mask) === 0) continue
      for (const next of reached) add(this.leads, (chunk * CHUNK_VALUES + value) * this.words, next)
    }
  }
}

function add(sets: Uint32Array, from: number, bit: number): void {
  const at = from + Math.floor(bit / WORD_BITS)
  sets[at] = (sets[at] as number) | (1 << (bit % WORD_BITS))
}
