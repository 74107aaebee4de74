'use client'

import { useEffect, useState } from 'react'
import type { Span } from '#lib/api/common.ts'
import styles from './copy-link.module.css'
import { linkToSpan } from './link-to-span.ts'

const sayForMs = 2_000

type CopyState = { readonly state: 'ready' | 'copied' } | { readonly state: 'refused'; readonly link: string }

/** A button that copies the page's address with the span that is shown in the place of a window that moves on. */
export function CopyLink({ span }: { /** `null` while there are no numbers. */ readonly span: Span | null }) {
  const [copy, setCopy] = useState<CopyState>({ state: 'ready' })
  useEffect(() => {
    if (copy.state !== 'copied') return
    const timer = setTimeout(() => setCopy({ state: 'ready' }), sayForMs)
    return () => clearTimeout(timer)
  }, [copy])

  const run = async (of: Span) => {
    const link = linkToSpan(window.location.href, of)
    try {
      await navigator.clipboard.writeText(link)
      setCopy({ state: 'copied' })
    } catch {
      setCopy({ state: 'refused', link })
    }
  }
  return (
    <span className={styles.copy}>
      {copy.state === 'refused' && (
        <input
          className={styles.link}
          readOnly
          value={copy.link}
          aria-label="Link to copy"
          onFocus={event => event.target.select()}
          ref={input => input?.select()}
        />
      )}
      <button
        className={styles.button}
        type="button"
        disabled={span === null}
        aria-description="Whoever opens the link sees the same time and the same numbers"
        onClick={() => span && void run(span)}
      >
        <span aria-live="polite">{copy.state === 'copied' ? 'Copied' : 'Copy link'}</span>
      </button>
    </span>
  )
}
