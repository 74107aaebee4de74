import type { Metadata } from 'next'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { SplitTable } from '#components/splits/split-table.tsx'
import { Splits } from './splits.tsx'

export const metadata: Metadata = { title: 'Splits' }

export default function SplitsPage() {
  return (
    <PageFrame title="Splits" loading={<SplitTable rows={null} command="meshscope splits -A" />}>
      <Splits />
    </PageFrame>
  )
}
