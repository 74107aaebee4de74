import { type ComponentProps, useId } from 'react'
import styles from './field.module.css'

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange'> {
  readonly label: string
  readonly onText: (text: string) => void
  /** What is wrong with the text, told in its place; `null`: nothing. */
  readonly problem?: string | null
  /** What the text means, while nothing is wrong with it. */
  readonly note?: string
}

/** A line of text with its label, and below it what it means or what is wrong with it. */
export function TextField({ label, onText, problem = null, note, ...rest }: TextFieldProps) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <input
        {...rest}
        id={id}
        className={styles.input}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-note`}
        onChange={event => onText(event.target.value)}
      />
      <p
        className={`${styles.note} ${problem === null ? '' : styles.problem}`}
        id={`${id}-note`}
        aria-live="polite"
      >
        {problem === null ? note : `▲ ${problem}`}
      </p>
    </div>
  )
}
