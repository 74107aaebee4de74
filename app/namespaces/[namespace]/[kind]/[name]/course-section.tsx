'use client'

import type { ReactNode } from 'react'
import type { CourseChart } from '#components/golden/course-charts.ts'
import { type CourseNumbers, CoursePanel } from '#components/golden/course-panel.tsx'
import { courseFreshness } from '#components/golden/course-time-choice.ts'
import { StatusCard } from '#components/golden/status-card.tsx'
import { answerIn, rowsIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { useTime } from '#components/time/use-time.ts'
import { useUrlParam } from '#components/ui/use-url-param.ts'
import type { MarkerRow } from '#lib/api/markers.ts'

const noMarkers: readonly MarkerRow[] = []

interface CourseSectionProps {
  /** What `/golden` was asked, without the time. */
  readonly ask: Readonly<Record<string, string>> & { readonly namespace: string }
  /** Its answer's numbers; `null` while loading. */
  readonly numbers: CourseNumbers | null
  /** Why one of the numbers is missing. */
  readonly missing: string
  /** What they leave out. */
  readonly notes: ReactNode
  readonly charts: readonly CourseChart['id'][]
  readonly tools: ReactNode
  /** The command line that prints the numbers. */
  readonly command: string
}

/** The numbers of one thing with their course, status codes and markers, over the time in the address. */
export function CourseSection({ ask, numbers, charts, ...rest }: CourseSectionProps) {
  const time = useTime()
  const [view, setView] = useUrlParam('view')
  const asked = { ...ask, ...time.params }
  const series = useQuestion('series', asked, courseFreshness(time))
  const statuses = useQuestion('statuses', asked, time.options)
  const markers = useQuestion('markers', { namespace: ask.namespace, ...time.params }, time.options)
  return (
    <CoursePanel
      {...rest}
      numbers={numbers}
      series={answerIn(series)}
      noCourse={series.state === 'failed' ? series.failure.message : undefined}
      markers={rowsIn(markers) ?? noMarkers}
      charts={charts}
      view={view === 'table' ? 'table' : 'charts'}
      onView={next => setView(next === 'table' ? 'table' : null)}
      onSelect={stretch => time.choose({ kind: 'range', ...stretch })}
    >
      <StatusCard
        denied={numbers?.denied ?? 0}
        rows={statuses.state === 'failed' ? [] : rowsIn(statuses)}
        none={statuses.state === 'failed' ? statuses.failure.message : 'No request in this time'}
      />
    </CoursePanel>
  )
}
