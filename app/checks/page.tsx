import type { Metadata } from 'next'
import { CheckList } from '#components/checks/check-list.tsx'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { Checks } from './checks.tsx'

export const metadata: Metadata = { title: 'Checks' }

export default function ChecksPage() {
  return (
    <PageFrame title="Checks" time={false} loading={<CheckList rows={null} command="meshscope check" />}>
      <Checks />
    </PageFrame>
  )
}
