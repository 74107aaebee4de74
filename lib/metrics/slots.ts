/** From `startMs` to before `endMs`, in Unix milliseconds. */
export interface TimeSpan {
  readonly startMs: number
  readonly endMs: number
}

/** The start of the slot that holds this instant. Slots of one length are cut from the Unix epoch on. */
export function slotStartMs(atMs: number, stepMs: number): number {
  return Math.floor(atMs / stepMs) * stepMs
}

/** The smallest span of whole slots that holds `span`; an empty span at a slot's start stays empty. */
export function snapOutward(span: TimeSpan, stepMs: number): TimeSpan {
  return { startMs: slotStartMs(span.startMs, stepMs), endMs: Math.ceil(span.endMs / stepMs) * stepMs }
}

const divisorsOfTenSecondsMs = [10_000, 5_000, 2_000, 1_000, 500, 200, 100]

/**
 * The slot length for a scrape interval: the longest one that is no longer than the interval and of which ten
 * seconds hold a whole number, so that a coarser slot is a sum of whole finer ones. At least 100 ms.
 */
export function slotLengthMs(intervalMs: number): number {
  return divisorsOfTenSecondsMs.find(stepMs => stepMs <= intervalMs) ?? 100
}
