import type { Metadata } from 'next'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { Tap } from './tap.tsx'

export const metadata: Metadata = { title: 'Tap' }

export default function TapPage() {
  return (
    <PageFrame title="Tap" subtitle="Requests as they happen, from the proxies that carry them" time={false}>
      <Tap />
    </PageFrame>
  )
}
