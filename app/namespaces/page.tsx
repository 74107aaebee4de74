import type { Metadata } from 'next'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { Overview } from './overview.tsx'
import { OverviewLoading } from './overview-loading.tsx'

export const metadata: Metadata = { title: 'Overview' }

export default function NamespacesPage() {
  return (
    <PageFrame title="Mesh overview" loading={<OverviewLoading />}>
      <Overview />
    </PageFrame>
  )
}
