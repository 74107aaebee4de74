import type { Metadata } from 'next'
import { EarlyQuestion } from '#components/live/early-question.tsx'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { Topology } from './topology.tsx'
import { TopologyLoading } from './topology-loading.tsx'

export const metadata: Metadata = { title: 'Topology' }

export default function TopologyPage() {
  return (
    <>
      <EarlyQuestion
        topic="topology"
        usual={{ groupBy: 'workload', window: '1m' }}
        passed={['groupBy', 'namespace', 'window', 'start', 'end']}
      />
      <PageFrame title="Topology" layout="fill" loading={<TopologyLoading />}>
        <Topology />
      </PageFrame>
    </>
  )
}
