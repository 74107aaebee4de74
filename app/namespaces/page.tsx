import type { Metadata } from 'next'
import { Suspense } from 'react'
import { Overview } from './overview.tsx'
import { OverviewLoading } from './overview-loading.tsx'

export const metadata: Metadata = { title: 'Overview' }

export default function NamespacesPage() {
  return (
    <Suspense fallback={<OverviewLoading />}>
      <Overview />
    </Suspense>
  )
}
