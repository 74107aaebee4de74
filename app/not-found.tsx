import type { Metadata } from 'next'
import Link from 'next/link'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { Notice } from '#components/ui/notice.tsx'

export const metadata: Metadata = { title: 'No such page' }

export default function NotFound() {
  return (
    <PageFrame title="There is no such page" time={false}>
      <Notice kind="empty" title="Nothing is at this address">
        <p>
          It may be misspelt, or come from another version of meshscope. The mesh is at{' '}
          <Link href="/namespaces">the overview</Link>
        </p>
      </Notice>
    </PageFrame>
  )
}
