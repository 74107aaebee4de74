import type { Metadata } from 'next'
import { NamespaceView } from './namespace-view.tsx'

interface NamespacePageProps {
  readonly params: Promise<{ readonly namespace: string }>
}

export async function generateMetadata({ params }: NamespacePageProps): Promise<Metadata> {
  return { title: (await params).namespace }
}

export default function NamespacePage() {
  return <NamespaceView />
}
