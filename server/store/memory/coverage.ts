import { slotStartMs } from '#lib/metrics/slots.ts'
import { SlotLog, type TimeScale } from './slot-log.ts'

const coveredField = 0
/** Milliseconds since the coarse slot began, so that it reads the same from fine and coarse slots. */
const sampleAtField = 1

/** What one instance's scrapes covered of a range, step by step. */
export interface Covered {
  readonly coveredMsByStep: readonly number[]
  /** `null` when no scrape ended in the range. */
  readonly lastSampleAtMs: number | null
}

/** When one instance was scraped, and the time that lay between. */
export class CoverageLog {
  readonly #scale: TimeScale
  readonly #log: SlotLog
  #newestMs = Number.NEGATIVE_INFINITY

  constructor(scale: TimeScale) {
    this.#scale = scale
    this.#log = new SlotLog(scale, sampleAtField)
  }

  /** End of the newest scrape. */
  get newestMs(): number {
    return this.#newestMs
  }

  get isEmpty(): boolean {
    return this.#log.isEmpty
  }

  get bytes(): number {
    return this.#log.bytes
  }

  append(startMs: number, endMs: number, fineFromMs: number): void {
    const sinceSlotMs = Math.round(endMs) - slotStartMs(endMs, this.#scale.coarseMs)
    const coveredMs = Math.max(0, Math.round(endMs - startMs))
    this.#log.append(endMs, fineFromMs, [coveredField, sampleAtField], [coveredMs, sinceSlotMs])
    this.#newestMs = Math.max(this.#newestMs, endMs)
  }

  read(startMs: number, endMs: number, stepMs: number): Covered {
    const coveredMsByStep = Array.from({ length: Math.round((endMs - startMs) / stepMs) }, () => 0)
    let lastSampleAtMs: number | null = null
    let slotMs = startMs
    this.#log.read(startMs, endMs, {
      enter: enteredMs => {
        slotMs = enteredMs
      },
      add: (field, value) => {
        if (field === coveredField) coveredMsByStep[Math.floor((slotMs - startMs) / stepMs)]! += value
        else lastSampleAtMs = Math.max(lastSampleAtMs ?? 0, slotStartMs(slotMs, this.#scale.coarseMs) + value)
      },
    })
    return { coveredMsByStep, lastSampleAtMs }
  }

  age(fineFromMs: number, keepFromMs: number): void {
    this.#log.age(fineFromMs, keepFromMs)
  }
}
