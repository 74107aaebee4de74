import type { Metadata } from 'next'
import { PolicyViewAtRest } from '#components/policies/policy-view.tsx'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { Policies } from './policies.tsx'

export const metadata: Metadata = { title: 'Policies' }

export default function PoliciesPage() {
  return (
    <PageFrame title="Policies" loading={<PolicyViewAtRest />}>
      <Policies />
    </PageFrame>
  )
}
