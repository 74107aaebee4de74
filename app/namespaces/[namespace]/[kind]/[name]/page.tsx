import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { type ResourceParams, readResource } from './resource-params.ts'
import { WorkloadPage } from './workload-page.tsx'

interface Props {
  readonly params: Promise<ResourceParams>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const workload = readResource(await params)
  return workload === null ? {} : { title: `${workload.name} · ${workload.namespace}` }
}

export default async function Page({ params }: Props) {
  const workload = readResource(await params)
  if (workload === null) notFound()
  return <WorkloadPage of={workload} />
}
