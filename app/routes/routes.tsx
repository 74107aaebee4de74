'use client'

import { useSearchParams } from 'next/navigation'
import { answerIn, isOld, rowsIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { ProfileHint } from '#components/routes/profile-hint.tsx'
import { RoutePicker, resourceText } from '#components/routes/route-picker.tsx'
import { RouteTable } from '#components/routes/route-table.tsx'
import { toldRoutes } from '#components/routes/told-routes.ts'
import { AnswerNotes } from '#components/time/answer-notes.tsx'
import { FailureNotice } from '#components/time/failure-notice.tsx'
import { useTime } from '#components/time/use-time.ts'
import { Aged } from '#components/ui/aged.tsx'
import { FilterLine, passesFilter } from '#components/ui/filter-line.tsx'
import { setUrlParams } from '#components/ui/set-url-params.ts'
import { shellWord } from '#components/ui/shell-word.ts'

/** The routes of the services, the service or the workload that the address names. */
export function Routes() {
  const search = useSearchParams()
  const time = useTime()
  const namespace = search.get('namespace')
  const resource = search.get('resource')
  const within = { namespace: namespace ?? '_all' }
  const routes = useQuestion(
    'routes',
    { resource: resource ?? 'service', ...within, ...time.params },
    time.options,
  )
  const services = rowsIn(useQuestion('services', within))
  const workloads = rowsIn(useQuestion('workloads', within))
  const answer = answerIn(routes)
  const subjects = workloads?.filter(({ workload }) => resourceText(workload) === resource) ?? []
  const shown = services?.filter(
    ({ service, workloads: behind }) =>
      resource === null ||
      resource === resourceText(service) ||
      subjects.some(({ id }) => behind.includes(id)),
  )
  const told = toldRoutes(rowsIn(routes), shown ?? null)
  const filter = search.get('filter') ?? ''
  const listed =
    told.rows?.filter(row => passesFilter(`${row.namespace}/${row.service} ${row.route}`, filter)) ?? null
  const place = namespace === null ? '-A' : `-n ${shellWord(namespace)}`
  return (
    <>
      <RoutePicker
        services={services?.map(({ service }) => service) ?? []}
        workloads={workloads?.map(({ workload }) => workload) ?? []}
        resource={resource}
        namespace={namespace}
        onChoose={subject =>
          setUrlParams(
            subject === null
              ? { resource: null }
              : { namespace: subject.namespace, resource: resourceText(subject) },
          )
        }
      />
      {routes.state === 'failed' ? (
        <FailureNotice failure={routes.failure} retry={routes.retry} />
      ) : (
        <Aged isOld={isOld(routes)}>
          <RouteTable
            rows={listed}
            services={resource === null || !resource.startsWith('svc/')}
            note={answer?.note}
            tools={
              <>
                <AnswerNotes choice={time.choice} answer={answer && { coverage: answer.coverage }} />
                <FilterLine
                  of="routes"
                  {...(told.rows !== null &&
                    listed !== null && { count: { shown: listed.length, all: told.rows.length } })}
                />
              </>
            }
            empty={emptyWords(filter !== '' && told.rows?.length !== 0, told.bare.length > 0)}
            command={`meshscope routes ${shellWord(resource ?? 'svc')} ${place}${time.flag} -o wide`}
          >
            <ProfileHint services={told.bare} />
          </RouteTable>
        </Aged>
      )}
    </>
  )
}

function emptyWords(isFiltered: boolean, hasBare: boolean): string {
  if (isFiltered) return 'No route is named like that'
  return hasBare ? 'None of a ServiceProfile' : 'There is no service here'
}
