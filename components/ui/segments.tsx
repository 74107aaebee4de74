import { useEffect, useId, useState } from 'react'
import styles from './segments.module.css'
import { VisuallyHidden } from './visually-hidden.tsx'

/** One of the choices. */
export interface Segment<Value extends string> {
  readonly value: Value
  readonly words: string
  /** The words in full, for those who only hear them. */
  readonly label?: string
  /** What it means, on hover. */
  readonly meaning?: string
  /** How many there are of it; `null`: not known yet, absent: it is not told. */
  readonly count?: number | null
  /** Any of it is bad news. */
  readonly alarms?: boolean
}

interface SegmentsProps<Value extends string> {
  readonly name: string
  /** The name is clear from the choices: it is only heard. */
  readonly hidesName?: boolean
  readonly isSmall?: boolean
  /** `null`: none of them. */
  readonly chosen: Value | null
  readonly options: readonly Segment<Value>[]
  readonly onChoose: (value: Value) => void
}

/** One choice out of a few, all of them seen. */
export function Segments<Value extends string>(props: SegmentsProps<Value>) {
  const { name, hidesName = false, isSmall = false, chosen, options, onChoose } = props
  const id = useId()
  // The address, where most choices are kept, follows only once the page is drawn anew: the press shows at once.
  const [pressed, setPressed] = useState<{ readonly value: Value; readonly over: Value | null } | null>(null)
  if (pressed !== null && pressed.over !== chosen) setPressed(null)
  useEffect(() => {
    // Who goes back at once never sees the choice change.
    const forget = (): void => setPressed(null)
    window.addEventListener('popstate', forget)
    return () => window.removeEventListener('popstate', forget)
  }, [])
  const shown = pressed?.value ?? chosen
  const choose = (value: Value): void => {
    setPressed({ value, over: chosen })
    onChoose(value)
  }
  return (
    <fieldset className={styles.segments}>
      <legend className={hidesName ? styles.unseen : styles.name}>
        {hidesName ? <VisuallyHidden>{name}</VisuallyHidden> : name}
      </legend>
      <div className={`${styles.choices} ${isSmall ? styles.small : ''}`}>
        {options.map(({ value, words, label, meaning, count, alarms = false }) => (
          <label key={value} className={styles.choice} aria-description={meaning}>
            <input
              className={styles.input}
              type="radio"
              name={id}
              value={value}
              checked={value === shown}
              onChange={() => choose(value)}
              aria-label={label}
            />
            {words}
            {count !== undefined && (
              <span
                className={`${styles.count} ${count === null ? styles.awaited : ''} ${alarms && count ? styles.alarming : ''}`}
              >
                {count ?? 0}
              </span>
            )}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
