import { notFound, redirect } from 'next/navigation'
import { kindOfSegment } from '#components/ui/page-path.ts'

interface Props {
  readonly params: Promise<{ readonly namespace: string; readonly kind: string }>
}

/** The page of the namespace lists what there is of each kind. */
export default async function KindPage({ params }: Props) {
  const { namespace, kind } = await params
  if (kindOfSegment(kind) === undefined) notFound()
  redirect(`/namespaces/${namespace}`)
}
