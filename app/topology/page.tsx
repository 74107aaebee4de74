import type { Metadata } from 'next'
import { Suspense } from 'react'
import { EarlyQuestion } from '#components/live/early-question.tsx'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { ViewChoice, ViewChoiceAtRest } from '#components/topology/view-choice.tsx'
import { Topology } from './topology.tsx'
import { TopologyLoading } from './topology-loading.tsx'

export const metadata: Metadata = { title: 'Topology' }

export default function TopologyPage() {
  return (
    <>
      <EarlyQuestion
        topic="topology"
        usual={{ fold: 'auto', groupBy: 'workload', window: '1m' }}
        passed={['groupBy', 'namespace', 'unfold', 'window', 'start', 'end']}
      />
      <PageFrame
        title="Topology"
        layout="fill"
        tools={
          <Suspense fallback={<ViewChoiceAtRest />}>
            <ViewChoice />
          </Suspense>
        }
        loading={<TopologyLoading />}
      >
        <Topology />
      </PageFrame>
    </>
  )
}
