import type { Connection } from '#components/live/connection.ts'
import { duration } from '#lib/metrics/format.ts'
import styles from './status-strip.module.css'

const sayRegainedForMs = 10_000

interface ConnectionWordsProps {
  readonly connection: Connection
  readonly nowMs: number | null
}

/** The connection in words, read out when it changes but not while a duration counts on. */
export function ConnectionWords({ connection, nowMs }: ConnectionWordsProps) {
  switch (connection.state) {
    case 'connecting':
      return (
        <span className={styles.item} role="status">
          ◌ Connecting
        </span>
      )
    case 'lost':
      return (
        <span className={`${styles.item} ${styles.warn}`}>
          <span role="status">▲ Connection lost</span>
          {nowMs !== null && ` ${duration(nowMs - connection.sinceMs)} ago`}, reconnecting
        </span>
      )
    case 'live':
    case 'regained':
      return (
        <span className={`${styles.item} ${styles.good}`} role="status">
          ● Live
          {connection.state === 'regained' &&
            (nowMs === null || nowMs - connection.atMs < sayRegainedForMs) &&
            ` again, after ${duration(connection.awayMs)} without connection`}
        </span>
      )
  }
}
