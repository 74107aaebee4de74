'use client'

import { type FormEvent, type RefObject, useState } from 'react'
import { answerIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { Button } from '#components/ui/button.tsx'
import { Popup } from '#components/ui/popup.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { parseDurationMs } from '#lib/metrics/duration.ts'
import { duration } from '#lib/metrics/format.ts'
import { localFieldText, localTimeText, zoneText } from './local-time.ts'
import { parseTimeText } from './parse-time-text.ts'
import styles from './range-panel.module.css'
import { rangePresets } from './range-presets.ts'
import { newestWindow, type TimeChoice } from './time-choice.ts'
import {
  longestWindowMs,
  longWindowsWithin,
  shortestWindowMs,
  type Window,
  windowMs,
  windowOf,
  windowWords,
} from './window.ts'

interface RangePanelProps {
  readonly anchor: RefObject<HTMLElement | null>
  readonly choice: TimeChoice
  /** The server's time when the panel was opened. */
  readonly nowMs: number
  readonly onChoose: (choice: TimeChoice) => void
  readonly onClose: () => void
}

/** Chooses any time: a window of any length, or from when to when. */
export function RangePanel({ anchor, choice, nowMs, onChoose, onClose }: RangePanelProps) {
  const take = (next: TimeChoice) => {
    onChoose(next)
    onClose()
  }
  // The strip of every page asks the same.
  const mesh = useQuestion('golden', { resource: 'mesh', window: newestWindow(choice) })
  const oldest = answerIn(mesh)?.span.oldest
  const oldestMs = oldest === undefined ? null : Date.parse(oldest)
  return (
    <Popup label="Time" anchor={anchor} align="end" onClose={onClose}>
      <div className={styles.panel}>
        <RangeForm choice={choice} nowMs={nowMs} oldestMs={oldestMs} onTake={take} />
        <WindowForm choice={choice} onTake={take} />
        <Presets
          label="Windows at hand"
          presets={windowsAtHand(nowMs, oldestMs).map(window => ({
            words: `Last ${windowWords(window)}`,
            choice: { kind: 'window', window },
          }))}
          onTake={take}
        />
        <Presets
          label="Ranges at hand"
          presets={rangePresets(nowMs, oldestMs ?? undefined).map(({ words, range }) => ({
            words,
            choice: range,
          }))}
          onTake={take}
        />
        <p className={styles.zone}>
          {oldestMs !== null &&
            `Numbers begin ${localTimeText(oldestMs, nowMs)}, ${duration(nowMs - oldestMs)} ago. `}
          Times are of your zone: {zoneText(nowMs)}
        </p>
      </div>
    </Popup>
  )
}

interface PresetsProps {
  readonly label: string
  readonly presets: readonly { readonly words: string; readonly choice: TimeChoice }[]
  readonly onTake: (choice: TimeChoice) => void
}

function Presets({ label, presets, onTake }: PresetsProps) {
  if (presets.length === 0) return null
  return (
    <ul className={styles.presets} aria-label={label}>
      {presets.map(({ words, choice }) => (
        <li key={words}>
          <Button tone="quiet" onClick={() => onTake(choice)}>
            {words}
          </Button>
        </li>
      ))}
    </ul>
  )
}

function windowsAtHand(nowMs: number, oldestMs: number | null): readonly Window[] {
  return longWindowsWithin(oldestMs === null ? longestWindowMs : nowMs - oldestMs)
}

interface FormProps {
  readonly choice: TimeChoice
  readonly onTake: (choice: TimeChoice) => void
}

interface RangeFormProps extends FormProps {
  readonly nowMs: number
  /** Where numbers begin; `null`: not known. */
  readonly oldestMs: number | null
}

function RangeForm({ choice, nowMs, oldestMs, onTake }: RangeFormProps) {
  const shown = choice.kind === 'range' ? choice : { startMs: nowMs - windowMs(choice.window), endMs: nowMs }
  const [from, setFrom] = useState(() => localFieldText(shown.startMs))
  const [to, setTo] = useState(() => localFieldText(shown.endMs))
  const [startMs, endMs] = [parseTimeText(from, nowMs), parseTimeText(to, nowMs)]
  const problems = rangeProblems(startMs, endMs, nowMs, oldestMs)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (startMs === undefined || endMs === undefined || problems.from !== null || problems.to !== null) return
    onTake({ kind: 'range', startMs: wholeSecond(startMs), endMs: wholeSecond(endMs) })
  }
  return (
    <form className={styles.range} onSubmit={submit} aria-label="From when to when">
      <TextField
        label="From"
        value={from}
        onText={setFrom}
        problem={problems.from}
        note={startMs === undefined ? '' : meaning(startMs, nowMs)}
        autoComplete="off"
        spellCheck={false}
      />
      <TextField
        label="To"
        value={to}
        onText={setTo}
        problem={problems.to}
        note={
          startMs === undefined || endMs === undefined
            ? ''
            : `${meaning(endMs, nowMs)} · ${duration(endMs - startMs)} long`
        }
        autoComplete="off"
        spellCheck={false}
      />
      <Button tone="primary" type="submit">
        Show this range
      </Button>
    </form>
  )
}

function WindowForm({ choice, onTake }: FormProps) {
  const [text, setText] = useState<string>(choice.kind === 'window' ? choice.window : '15m')
  const window = windowOf(parseDurationMs(text.replaceAll(' ', '')) ?? 0)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (window !== undefined) onTake({ kind: 'window', window })
  }
  return (
    <form className={styles.window} onSubmit={submit} aria-label="The last so long">
      <TextField
        label="Live: the last"
        value={text}
        onText={setText}
        problem={window === undefined ? 'Expected 10s to 14d, like 15m or 1h30m' : null}
        note={window === undefined ? '' : duration(windowMs(window))}
        autoComplete="off"
        spellCheck={false}
      />
      <Button type="submit">Show live</Button>
    </form>
  )
}

function rangeProblems(
  startMs: number | undefined,
  endMs: number | undefined,
  nowMs: number,
  oldestMs: number | null,
) {
  const expected = 'Expected 14:05, 2026-11-22 14:05:00, 15m ago or now'
  const from = startMs === undefined ? expected : startMs >= nowMs ? 'It lies in the future' : null
  if (endMs === undefined) return { from, to: expected }
  if (startMs === undefined) return { from, to: null }
  if (endMs <= startMs) return { from, to: 'It has to be after the start' }
  if (oldestMs !== null && endMs <= oldestMs)
    return { from, to: `Numbers begin at ${localTimeText(oldestMs, nowMs)}` }
  if (endMs - startMs < shortestWindowMs) return { from, to: 'The range has to be 10 s or longer' }
  return { from, to: endMs - startMs > longestWindowMs ? 'The range may be 14 days at most' : null }
}

function meaning(ms: number, nowMs: number): string {
  const when = ms > nowMs ? `in ${duration(ms - nowMs)}` : `${duration(nowMs - ms)} ago`
  return `${localTimeText(ms, nowMs)} · ${nowMs - ms < 1_000 && ms <= nowMs ? 'now' : when}`
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000
}
