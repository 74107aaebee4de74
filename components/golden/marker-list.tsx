import type { MarkerRow } from '#lib/api/markers.ts'
import { clockText } from './course-time.ts'
import styles from './marker-list.module.css'

const mostListed = 12

/** The markers of the charts, with the numbers of their lines; of very many the newest. */
export function MarkerList({ markers }: { readonly markers: readonly MarkerRow[] }) {
  const first = Math.max(0, markers.length - mostListed)
  if (markers.length === 0) return null
  return (
    <ol className={styles.markers} aria-label="Markers">
      {markers.slice(first).map((marker, index) => (
        <li key={marker.id} className={styles.marker} aria-description={marker.detail}>
          <span className={styles.number} aria-hidden="true">
            {markers.length <= mostListed ? first + index + 1 : '·'}
          </span>
          {marker.title}
          <time className={styles.time} dateTime={marker.at}>
            {clockText(Date.parse(marker.at))}
          </time>
        </li>
      ))}
    </ol>
  )
}
