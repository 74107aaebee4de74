'use client'

import { lazy, type ReactNode, Suspense, useEffect, useId, useMemo, useState } from 'react'
import { CopyLine } from '#components/ui/copy-line.tsx'
import type { Golden, Span, Tcp } from '#lib/api/common.ts'
import type { MarkerRow } from '#lib/api/markers.ts'
import type { SeriesAnswer } from '#lib/api/series.ts'
import { courseBlanks } from './course-blanks.ts'
import { type CourseChart, courseCharts } from './course-charts.ts'
import { CourseHeadline } from './course-headline.tsx'
import styles from './course-panel.module.css'
import type { TimeStretch } from './course-plot.tsx'
import { coursePoints } from './course-points.ts'
import { CourseTable } from './course-table.tsx'
import { rangeText } from './course-time.ts'
import { MarkerList } from './marker-list.tsx'

const CoursePlot = lazy(async () => ({ default: (await import('./course-plot.tsx')).CoursePlot }))

/** Whether a course is drawn, or told in a table. */
type CourseView = 'charts' | 'table'

/** What was counted over a whole time, and which that was. */
export interface CourseNumbers {
  readonly golden: Golden
  readonly tcp: Tcp
  /** What policy refused; `null` where nobody counts that. */
  readonly denied: number | null
  readonly span: Span
}

interface CoursePanelProps {
  /** The numbers over the whole time; `null` while loading. */
  readonly numbers: CourseNumbers | null
  /** Why one of the numbers is missing. */
  readonly missing: string
  /** The course of the one row that is shown; `null` while loading. */
  readonly series: SeriesAnswer | null
  /** Why there is no course, when there is none. */
  readonly noCourse?: string | undefined
  readonly markers: readonly MarkerRow[]
  readonly charts: readonly CourseChart['id'][]
  readonly view: CourseView
  readonly onView: (view: CourseView) => void
  /** Called with the stretch of time that somebody dragged over. */
  readonly onSelect: (stretch: TimeStretch) => void
  /** Controls in the heading's line. */
  readonly tools?: ReactNode
  /** What the numbers leave out: a mark in the heading's line. */
  readonly notes?: ReactNode
  /** The command line that prints the numbers. */
  readonly command: string
  /** One more card, after the charts. */
  readonly children?: ReactNode
}

/** The golden metrics of one thing: each with its number over the whole time, and its course below. */
export function CoursePanel(props: CoursePanelProps) {
  const {
    numbers,
    missing,
    series,
    noCourse,
    markers,
    view,
    onView,
    onSelect,
    tools,
    notes,
    command,
    children,
  } = props
  const group = useId()
  const headingId = useId()
  // The charts are fetched when the numbers stand on the page: drawn together, they would wait for each other.
  const [hasShown, setShown] = useState(false)
  const hasNumbers = numbers !== null
  useEffect(() => setShown(hasNumbers), [hasNumbers])
  const points = useMemo(() => {
    const row = series?.rows[0]
    return series === null || row === undefined ? null : coursePoints(row, series.span.stepSeconds)
  }, [series])
  const span = series && stretchOf(series.span)
  const counted = numbers && stretchOf(numbers.span)
  const shownMarkers = useMemo(
    () => markers.filter(({ at }) => span !== null && isWithin(Date.parse(at), span)),
    [markers, span?.startMs, span?.endMs],
  )
  const blanks = useMemo(() => (series === null ? [] : courseBlanks(series.span)), [series])
  const stepMs = (series?.span.stepSeconds ?? 0) * 1_000
  const charts = courseCharts.filter(chart => props.charts.includes(chart.id))
  return (
    <section className={styles.panel} aria-labelledby={headingId}>
      <header className={styles.head}>
        <h2 className={styles.title} id={headingId}>
          Golden metrics
        </h2>
        <span className={styles.tools}>{tools}</span>
        <p className={styles.span}>{counted && rangeText(counted.startMs, counted.endMs)}</p>
        <div className={styles.markers}>
          <MarkerList markers={shownMarkers} />
        </div>
        <span className={styles.notes}>{notes}</span>
        <button
          type="button"
          className={styles.view}
          aria-pressed={view === 'table'}
          onClick={() => onView(view === 'table' ? 'charts' : 'table')}
        >
          As a table
        </button>
      </header>
      <div className={`${styles.cards} ${charts.length === 3 ? styles.four : ''}`}>
        {charts.map(chart => (
          <article key={chart.id} className={styles.card} aria-label={chart.title}>
            <CourseHeadline chart={chart} numbers={numbers} missing={missing} />
            {view === 'charts' && (
              <div className={styles.plot}>
                {hasShown && points !== null && points.length > 0 && span !== null ? (
                  <Suspense>
                    <CoursePlot
                      chart={chart}
                      points={points}
                      span={span}
                      stepMs={stepMs}
                      blanks={blanks}
                      markers={shownMarkers}
                      group={group}
                      onSelect={onSelect}
                    />
                  </Suspense>
                ) : (
                  noCourse !== undefined && <p className={styles.none}>{noCourse}</p>
                )}
              </div>
            )}
          </article>
        ))}
        {children}
      </div>
      {view === 'table' && (
        <CourseTable
          charts={charts}
          points={points}
          stepMs={stepMs}
          rangeMs={span === null ? 0 : span.endMs - span.startMs}
        />
      )}
      <CopyLine command={command} />
    </section>
  )
}

function stretchOf({ start, end }: Span): TimeStretch {
  return { startMs: Date.parse(start), endMs: Date.parse(end) }
}

function isWithin(atMs: number, { startMs, endMs }: TimeStretch): boolean {
  return atMs >= startMs && atMs <= endMs
}
