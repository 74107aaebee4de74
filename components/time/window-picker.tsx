'use client'

import { type Window, windows, windowWords } from './window.ts'
import styles from './window-picker.module.css'

interface WindowPickerProps {
  /** `null`: none of them. */
  readonly window: Window | null
  readonly onChoose: (window: Window) => void
}

/** Chooses how far back the numbers reach. */
export function WindowPicker({ window: chosen, onChoose }: WindowPickerProps) {
  return (
    <fieldset className={styles.picker} aria-label="Window">
      {windows.map(window => (
        <label key={window} className={styles.choice} title={`The last ${windowWords(window)}`}>
          <input
            className={styles.input}
            type="radio"
            name="window"
            value={window}
            checked={window === chosen}
            onChange={() => onChoose(window)}
            aria-label={windowWords(window)}
          />
          {window}
        </label>
      ))}
    </fieldset>
  )
}
