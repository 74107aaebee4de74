import type { ComponentProps } from 'react'
import styles from './button.module.css'

interface ButtonProps extends ComponentProps<'button'> {
  /** What the page is for; what it also offers; what should not be noticed. */
  readonly tone?: 'primary' | 'plain' | 'quiet'
  /** As wide as high, for an icon; needs an `aria-label`. */
  readonly square?: boolean
}

/** A button; unlike HTML's, one that does not submit unless told to. */
export function Button({
  tone = 'plain',
  square = false,
  className = '',
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={`${styles.button} ${styles[tone]} ${square ? styles.square : ''} ${className}`}
    />
  )
}
