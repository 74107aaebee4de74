'use client'

import type { TimeChoice } from './time-choice.ts'
import { useTime } from './use-time.ts'
import { defaultWindow } from './window.ts'
import { WindowPicker } from './window-picker.tsx'

/** Chooses the time that the page shows; it is in the address. */
export function TimePicker() {
  const { choice, choose } = useTime()
  return <TimeControls choice={choice} onChoose={choose} />
}

/** The same before the address could be read. */
export function TimePickerAtRest() {
  return <TimeControls choice={{ kind: 'window', window: defaultWindow }} onChoose={() => {}} />
}

interface TimeControlsProps {
  readonly choice: TimeChoice
  readonly onChoose: (choice: TimeChoice) => void
}

function TimeControls({ choice, onChoose }: TimeControlsProps) {
  return (
    <WindowPicker
      window={choice.kind === 'window' ? choice.window : null}
      onChoose={window => onChoose({ kind: 'window', window })}
    />
  )
}
