import { memo } from 'react'
import styles from './sparkline.module.css'
import { sparklinePath } from './sparkline-path.ts'

const width = 120
const height = 24

interface SparklineProps {
  /** Oldest first; `null` where nothing was measured. */
  readonly values: readonly (number | null)[]
  /** The value at the bottom, unless one is lower. */
  readonly floor: number
  /** The value at the top, unless one is higher; absent: the highest value. */
  readonly ceiling?: number
  /** What the line shows, in words. */
  readonly label: string
}

/** A small line without axes. It fills the box it is put in. */
export const Sparkline = memo(function Sparkline({ values, floor, ceiling, label }: SparklineProps) {
  const known = values.filter(value => value !== null)
  const bottom = Math.min(floor, ...known)
  const top = Math.max(ceiling ?? bottom, ...known)
  const { line, area } = sparklinePath(values, bottom, top === bottom ? bottom + 1 : top, width, height)
  return (
    <svg
      className={styles.sparkline}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path className={styles.base} d={`M0 ${height}H${width}`} />
      <path className={styles.area} d={area} />
      <path className={styles.line} d={line} />
    </svg>
  )
})
