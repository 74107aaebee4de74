'use client'

import { PageFrame } from '#components/shell/page-frame.tsx'
import { Notice } from '#components/ui/notice.tsx'

export default function PageError({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
  return (
    <PageFrame title="This page broke" time={false}>
      <Notice kind="failed" title="It could not be drawn" action={{ label: 'Draw it again', run: reset }}>
        <p>{error.message}</p>
        <p>The fault is in meshscope itself: please report it with the address of this page</p>
      </Notice>
    </PageFrame>
  )
}
