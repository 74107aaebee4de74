import type { Metadata } from 'next'
import { Suspense } from 'react'
import { Overview } from './overview.tsx'
import { OverviewFrame } from './overview-frame.tsx'

export const metadata: Metadata = { title: 'Overview' }

export default function NamespacesPage() {
  return (
    <Suspense fallback={<OverviewFrame />}>
      <Overview />
    </Suspense>
  )
}
