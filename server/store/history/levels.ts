import { slotStartMs, type TimeSpan } from '#lib/metrics/slots.ts'

/** How coarse the rows of one pair of tables are; each level's slots are whole slots of the one before. */
export interface Level {
  readonly seconds: number
  readonly keptMs: number
}

const dayMs = 86_400_000
export const keptMs = 14 * dayMs
/** Slots of this length are there for a day; what is older is told by the minute. */
export const fineMs = 10_000
export const fineKeptMs = dayMs
export const minuteMs = 60_000

/**
 * Ten seconds for a day, a minute for two weeks. The two coarser levels hold the same again, so that a question about
 * days reads hours rather than minutes.
 */
export const levels: readonly Level[] = [
  { seconds: 10, keptMs: fineKeptMs },
  { seconds: 60, keptMs },
  { seconds: 300, keptMs },
  { seconds: 3_600, keptMs },
]

/** A stretch of time that is read from the tables of one level. */
export interface Piece extends TimeSpan {
  readonly level: Level
}

/**
 * The fewest rows that tell of a span cut into steps: of each part the coarsest level whose slots fit into the steps and
 * are made already. `madeUntilMs` tells how far each level is made. The span begins and ends at whole slots of the
 * finest level that is kept there.
 */
export function piecesOf(
  span: TimeSpan,
  stepMs: number | null,
  madeUntilMs: (level: Level) => number,
): readonly Piece[] {
  const fitting = levels.filter(({ seconds }) => stepMs === null || stepMs % (seconds * 1_000) === 0)
  const pieces: Piece[] = []
  cover(span, fitting, madeUntilMs, pieces)
  return pieces
}

function cover(
  { startMs, endMs }: TimeSpan,
  fitting: readonly Level[],
  madeUntilMs: (level: Level) => number,
  pieces: Piece[],
): void {
  const level = fitting.at(-1)
  if (level === undefined || endMs <= startMs) return
  const slotMs = level.seconds * 1_000
  const finer = fitting.slice(0, -1)
  if (finer.length === 0) {
    pieces.push({ level, startMs, endMs })
    return
  }
  const fromMs = Math.ceil(startMs / slotMs) * slotMs
  const untilMs = slotStartMs(Math.min(endMs, madeUntilMs(level)), slotMs)
  if (untilMs <= fromMs) {
    cover({ startMs, endMs }, finer, madeUntilMs, pieces)
    return
  }
  cover({ startMs, endMs: fromMs }, finer, madeUntilMs, pieces)
  pieces.push({ level, startMs: fromMs, endMs: untilMs })
  cover({ startMs: untilMs, endMs }, finer, madeUntilMs, pieces)
}
