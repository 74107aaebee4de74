'use client'

import { useSearchParams } from 'next/navigation'
import { useQuestion } from '#components/live/use-question.ts'
import { useTap } from '#components/live/use-tap.ts'
import { TapForm } from '#components/tap/tap-form.tsx'
import { readTapForm, tapFilter, tapSearch } from '#components/tap/tap-form-values.ts'
import { TapSummary } from '#components/tap/tap-summary.tsx'
import { TapTable } from '#components/tap/tap-table.tsx'
import { tapResources, tapTargets } from '#components/tap/tap-targets.ts'
import { Notice } from '#components/ui/notice.tsx'
import { setUrlParams } from '#components/ui/set-url-params.ts'

/** The tap that the address describes, started by a button. */
export function Tap() {
  const search = useSearchParams()
  const values = readTapForm(name => search.get(name))
  const { tapped, start, pause, resume, clear, stop } = useTap()
  const workloads = useQuestion('workloads', {})
  const services = useQuestion('services', {})
  const namespaces = useQuestion('namespaces', {})
  const workloadRows = 'answer' in workloads ? workloads.answer.rows : []
  const serviceRows = 'answer' in services ? services.answer.rows : []
  const events = 'events' in tapped ? tapped.events : []
  const isRunning = tapped.state === 'starting' || tapped.state === 'running' || tapped.state === 'paused'
  return (
    <>
      <TapForm
        values={values}
        namespaces={'answer' in namespaces ? namespaces.answer.rows.map(row => row.namespace) : []}
        resources={tapResources(workloadRows, values.namespace)}
        targets={tapTargets(workloadRows, serviceRows, values.toNamespace || values.namespace)}
        isRunning={isRunning}
        onStart={next => {
          setUrlParams(tapSearch(next))
          start(tapFilter(next))
        }}
        onStop={stop}
      />
      <TapSummary tapped={tapped} onPause={pause} onResume={resume} onClear={clear} />
      {tapped.state === 'idle' ? (
        <Notice kind="empty" title="Nothing is being tapped">
          <p>
            Choose a resource, for example <code>deploy/web</code>, and press Start: its proxies then report
            each request they carry, up to the limit, until you press Stop or leave this page. Sensitive
            headers never leave the server.
          </p>
        </Notice>
      ) : events.length === 0 ? (
        isRunning && (
          <Notice kind="empty" title="No request yet">
            <p>Requests appear when they end, or after ten seconds if they have not.</p>
          </Notice>
        )
      ) : (
        <TapTable events={events} />
      )}
    </>
  )
}
