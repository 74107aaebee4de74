'use client'

import { useParams } from 'next/navigation'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { NamespaceNumbers } from './namespace-numbers.tsx'

const breadcrumbs = [{ label: 'Mesh overview', to: '/namespaces' }]

/** The page of the namespace in the address. */
export function NamespaceView() {
  const { namespace } = useParams<{ namespace: string }>()
  return (
    <PageFrame title={namespace} subtitle="namespace" breadcrumbs={breadcrumbs}>
      <NamespaceNumbers namespace={namespace} />
    </PageFrame>
  )
}
