import type { Metadata } from 'next'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { Topology } from './topology.tsx'
import { TopologyLoading } from './topology-loading.tsx'

export const metadata: Metadata = { title: 'Topology' }

export default function TopologyPage() {
  return (
    <PageFrame title="Topology" layout="fill" loading={<TopologyLoading />}>
      <Topology />
    </PageFrame>
  )
}
