import type { Metadata } from 'next'
import { EdgeViewAtRest } from '#components/edges/edge-view.tsx'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { Edges } from './edges.tsx'

export const metadata: Metadata = { title: 'Edges' }

export default function EdgesPage() {
  return (
    <PageFrame title="Edges" loading={<EdgeViewAtRest />}>
      <Edges />
    </PageFrame>
  )
}
