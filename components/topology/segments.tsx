import { useId } from 'react'
import styles from './segments.module.css'

interface SegmentsProps<Value extends string> {
  readonly name: string
  readonly chosen: Value
  readonly options: readonly {
    readonly value: Value
    readonly words: string
    /** How many there are of it; absent or `null`: it is not told. */
    readonly count?: number | null
  }[]
  readonly onChoose: (value: Value) => void
}

/** One choice out of a few, all of them seen. */
export function Segments<Value extends string>({ name, chosen, options, onChoose }: SegmentsProps<Value>) {
  const id = useId()
  return (
    <fieldset className={styles.segments}>
      <legend className={styles.name}>{name}</legend>
      <div className={styles.choices}>
        {options.map(({ value, words, count = null }) => (
          <label key={value} className={styles.choice}>
            <input
              className={styles.input}
              type="radio"
              name={id}
              value={value}
              checked={value === chosen}
              onChange={() => onChoose(value)}
            />
            {words}
            {count !== null && <span className={count === 0 ? styles.none : styles.count}>{count}</span>}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
