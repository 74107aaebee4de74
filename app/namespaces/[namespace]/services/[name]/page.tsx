import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { readResource } from '#app/namespaces/[namespace]/[kind]/[name]/resource-params.ts'
import { ServicePage } from './service-page.tsx'

interface Props {
  readonly params: Promise<{ readonly namespace: string; readonly name: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const service = readResource({ ...(await params), kind: 'services' })
  return service === null ? {} : { title: `${service.name} · ${service.namespace}` }
}

export default async function Page({ params }: Props) {
  const service = readResource({ ...(await params), kind: 'services' })
  if (service === null) notFound()
  return <ServicePage of={service} />
}
