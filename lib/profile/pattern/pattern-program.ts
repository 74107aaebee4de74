import { type CharSet, wordCharacters } from './char-set.ts'
import { asksForWords, type Look } from './look.ts'
import type { Pattern } from './parse-pattern.ts'

/** More would take too long on a long path. */
const MAX_STEPS = 192

/** A step of a program: each takes a character of `set`, or none, and goes on at `next`. */
export type Step =
  | { readonly kind: 'take'; readonly set: CharSet; next: number }
  | { readonly kind: 'split'; next: number; other: number }
  | { readonly kind: 'look'; readonly at: Look; next: number }
  | { readonly kind: 'done' }

/**
 * A pattern as steps that can be followed all at once (Thompson's construction); the first one listed is `done`. Repeats
 * are written out. Throws a RangeError when there would be more than `MAX_STEPS`.
 */
export interface Program {
  readonly steps: readonly Step[]
  readonly start: number
  /** Whether a step asks for the begin or end of a word. */
  readonly looksForWords: boolean
  /** Characters between which no step tells a difference: a class begins at each of these codes. */
  readonly classStarts: readonly number[]
}

export function compileProgram(pattern: Pattern): Program {
  const builder = new Builder()
  const done = builder.add({ kind: 'done' })
  const start = builder.build(pattern, done)
  const { steps } = builder
  const looksForWords = steps.some(step => step.kind === 'look' && asksForWords(step.at))
  const sets = steps.flatMap(step => (step.kind === 'take' ? [step.set] : []))
  const codes = new Set([0])
  for (const set of looksForWords ? [...sets, wordCharacters] : sets) {
    for (const [first, last] of set) codes.add(first).add(last + 1)
  }
  return { steps, start, looksForWords, classStarts: [...codes].sort((a, b) => a - b) }
}

class Builder {
  readonly steps: Step[] = []

  add(step: Step): number {
    if (this.steps.length >= MAX_STEPS) {
      throw new RangeError(`it has more than ${MAX_STEPS} steps with its repeats written out`)
    }
    return this.steps.push(step) - 1
  }

  /** The first step of the pattern, which goes on at `next`. Built from its end to its begin. */
  build(pattern: Pattern, next: number): number {
    switch (pattern.kind) {
      case 'set':
        return this.add({ kind: 'take', set: pattern.set, next })
      case 'look':
        return this.add({ kind: 'look', at: pattern.at, next })
      case 'all':
        return pattern.parts.reduceRight((after, part) => this.build(part, after), next)
      case 'any':
        return pattern.parts
          .map(part => this.build(part, next))
          .reduceRight((other, start) => this.add({ kind: 'split', next: start, other }))
      case 'repeat':
        return this.repeat(pattern, next)
    }
  }

  private repeat({ max, min, part }: Extract<Pattern, { kind: 'repeat' }>, next: number): number {
    let start = next
    if (max === null) {
      const loop: Extract<Step, { kind: 'split' }> = { kind: 'split', next, other: next }
      start = this.add(loop)
      loop.next = this.build(part, start)
    } else {
      for (let i = min; i < max; i++) {
        start = this.add({ kind: 'split', next: this.build(part, start), other: next })
      }
    }
    for (let i = 0; i < min; i++) {
      const before = start
      start = this.build(part, start)
      // What takes nothing may be repeated at will.
      if (start === before) break
    }
    return start
  }
}
