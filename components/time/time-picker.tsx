'use client'

import { useSearchParams } from 'next/navigation'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useLiveSession } from '#components/live/live-provider.tsx'
import { Button } from '#components/ui/button.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { Segments } from '#components/ui/segments.tsx'
import { usePart } from '#components/ui/use-part.ts'
import { localRangeText } from './local-time.ts'
import { shiftTime, type TimeChoice, timeProblem, timeWords } from './time-choice.ts'
import styles from './time-picker.module.css'
import { useTime } from './use-time.ts'
import { defaultWindow, type Window, windows, windowWords } from './window.ts'

const windowOptions = windows.map(value => ({
  value,
  words: value,
  label: windowWords(value),
  meaning: `The last ${windowWords(value)}`,
}))

const loadPanel = async () => (await import('./range-panel.tsx')).RangePanel

/** Chooses the time that the page shows; it is in the address. */
export function TimePicker() {
  const { choice, choose } = useTime()
  const problem = timeProblem(useSearchParams())
  const session = useLiveSession()
  const panel = usePart(loadPanel)
  const [openedMs, setOpenedMs] = useState<number | null>(null)
  const button = useRef<HTMLButtonElement>(null)
  const Panel = panel.part
  return (
    <div className={styles.picker}>
      {problem !== null && (
        <p className={styles.problem} role="status">
          ▲ {problem}: this is the last {timeWords(choice)}
        </p>
      )}
      <TimeControls
        choice={choice}
        onChoose={choose}
        onShift={direction => choose(shiftTime(choice, direction, session.serverNowMs()))}
        other={
          <Button
            ref={button}
            className={`${styles.other} ${isAtHand(choice) ? '' : styles.chosen}`}
            aria-haspopup="dialog"
            aria-expanded={openedMs !== null}
            aria-description={
              panel.isLost ? 'It could not be loaded: reload the page once the server is back' : undefined
            }
            onPointerEnter={panel.want}
            onFocus={panel.want}
            onClick={() => {
              panel.want()
              setOpenedMs(session.serverNowMs())
            }}
          >
            <Icon name="clock" />
            <OtherWords choice={choice} />
          </Button>
        }
      />
      {openedMs !== null && Panel !== null && (
        <Panel
          anchor={button}
          choice={choice}
          nowMs={openedMs}
          onChoose={choose}
          onClose={() => setOpenedMs(null)}
        />
      )}
    </div>
  )
}

/** The same before the address could be read. */
export function TimePickerAtRest() {
  return (
    <div className={styles.picker}>
      <TimeControls
        choice={{ kind: 'window', window: defaultWindow }}
        onChoose={() => {}}
        onShift={() => {}}
        other={
          <Button className={styles.other}>
            <Icon name="clock" />
            Other…
          </Button>
        }
      />
    </div>
  )
}

interface TimeControlsProps {
  readonly choice: TimeChoice
  readonly onChoose: (choice: TimeChoice) => void
  readonly onShift: (direction: -1 | 1) => void
  /** Opens the panel for every other time. */
  readonly other: ReactNode
}

function TimeControls({ choice, onChoose, onShift, other }: TimeControlsProps) {
  const isLive = choice.kind === 'window'
  return (
    <>
      {!isLive && (
        <Button onClick={() => onChoose({ kind: 'window', window: defaultWindow })}>
          <Icon name="live" />
          Go live
        </Button>
      )}
      <Segments<Window>
        name="Window"
        hidesName
        chosen={isLive ? choice.window : null}
        options={windowOptions}
        onChoose={window => onChoose({ kind: 'window', window })}
      />
      {other}
      <span className={styles.shift}>
        <Button
          square
          aria-label={`The ${timeWords(choice)} before`}
          aria-description={`The ${timeWords(choice)} before`}
          onClick={() => onShift(-1)}
        >
          <Icon name="back" />
        </Button>
        <Button
          square
          aria-label={`The ${timeWords(choice)} after`}
          aria-description={isLive ? 'Nothing comes after now' : `The ${timeWords(choice)} after`}
          disabled={isLive}
          onClick={() => onShift(1)}
        >
          <Icon name="forward" />
        </Button>
      </span>
    </>
  )
}

function OtherWords({ choice }: { readonly choice: TimeChoice }) {
  // A time of day needs the browser's zone, which the server that draws the page does not know.
  const [nowMs, setNowMs] = useState<number | null>(null)
  useEffect(() => setNowMs(Date.now()), [])
  if (isAtHand(choice)) return 'Other…'
  if (choice.kind === 'window') return `Last ${timeWords(choice)}`
  return nowMs === null ? 'Range' : localRangeText(choice.startMs, choice.endMs, nowMs)
}

function isAtHand(choice: TimeChoice): boolean {
  return choice.kind === 'window' && windows.some(window => window === choice.window)
}
