'use client'

import { useRef, useState } from 'react'
import { ReachedOtherwise } from '#components/ui/hint.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import { VisuallyHidden } from '#components/ui/visually-hidden.tsx'
import type { TapEvent } from '#lib/api/tap.ts'
import { TapDetail } from './tap-detail.tsx'
import styles from './tap-table.module.css'
import { clockTime, latencyOf, outcome, peerName } from './tap-words.ts'
import { useHeld } from './use-held.ts'

const columns = ['Time', 'Method', 'Path', 'Status', 'Latency', 'From', 'To', 'Route', 'mTLS'] as const

/** Requests as they come, newest first; they stand still under the pointer. A row opens to all that is known of it. */
export function TapTable({ events }: { readonly events: readonly TapEvent[] }) {
  const area = useRef<HTMLDivElement>(null)
  const { shown, waiting, release } = useHeld(events, area)
  const [open, setOpen] = useState<string | null>(null)
  return (
    <div className={styles.area} ref={area}>
      <p className={styles.waiting}>
        {waiting > 0 ? (
          <button className={styles.release} type="button" onClick={release}>
            {waiting} newer {waiting === 1 ? 'request' : 'requests'} · show
          </button>
        ) : (
          'Newest first; rows stand still under the pointer'
        )}
      </p>
      <div className={styles.scroller}>
        <table className={styles.table}>
          <caption>
            <VisuallyHidden>Requests that were tapped, newest first</VisuallyHidden>
          </caption>
          <thead>
            <tr>
              {columns.map(column => (
                <th key={column} scope="col" className={styles[column.toLowerCase()]}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <ReachedOtherwise value>
            <tbody>
              {shown.map(event => (
                <Row
                  key={event.id}
                  event={event}
                  isOpen={event.id === open}
                  onToggle={() => setOpen(event.id === open ? null : event.id)}
                />
              ))}
            </tbody>
          </ReachedOtherwise>
        </table>
      </div>
    </div>
  )
}

interface RowProps {
  readonly event: TapEvent
  readonly isOpen: boolean
  readonly onToggle: () => void
}

const marks = { good: '●', warn: '▲', bad: '■' } as const

function Row({ event, isOpen, onToggle }: RowProps) {
  const { text, grade } = outcome(event)
  const isSecured = event.tls === 'true'
  return (
    <>
      {/* The button in its first cell is the keyboard's way; a click anywhere in the row is a wider target for it. */}
      <tr
        className={`${styles.row} ${isOpen ? styles.opened : ''}`}
        data-row={event.id}
        onClick={({ target }) => {
          const isOwn = target instanceof Element && target.closest('button') !== null
          if (!isOwn && window.getSelection()?.isCollapsed !== false) onToggle()
        }}
      >
        <td className={styles.time}>
          <button className={styles.toggle} type="button" aria-expanded={isOpen} onClick={onToggle}>
            <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span>
            {clockTime(event.at)}
          </button>
        </td>
        <td className={styles.method}>{event.method}</td>
        <td
          className={styles.path}
          data-method={event.method}
          aria-description={`${event.authority}${event.path}`}
        >
          {event.path}
        </td>
        <td className={styles.status}>
          <span className={styles[grade]} aria-hidden="true">
            {marks[grade]}
          </span>{' '}
          {text}
        </td>
        <td className={styles.latency}>
          <QuantityText of={latencyOf(event)} reason="No response head came" />
        </td>
        <td className={styles.from} aria-description={event.source.pod ?? event.source.ip}>
          {peerName(event.source)}
        </td>
        <td className={styles.to} aria-description={event.destination.pod ?? event.destination.ip}>
          {peerName(event.destination)}
        </td>
        <td className={styles.route}>{event.route === '' ? '–' : event.route}</td>
        <td className={styles.mtls} aria-description={isSecured ? 'Mutual TLS' : event.tls}>
          {isSecured ? 'yes' : 'no'}
        </td>
      </tr>
      {isOpen && (
        <tr className={styles.opened}>
          <td colSpan={columns.length} className={styles.detail}>
            <TapDetail event={event} />
          </td>
        </tr>
      )}
    </>
  )
}
