'use client'

import { Fragment, useEffect, useRef, useState } from 'react'
import styles from './copy-line.module.css'
import { useApiFlag } from './use-api-flag.ts'

const sayForMs = 2_000

type CopyState = 'ready' | 'copied' | 'selected'

const words: Record<CopyState, string> = { ready: 'Copy', copied: 'Copied', selected: 'Selected' }

/** A command that prints what the view above shows, and a button that copies it, or selects it where copying is not allowed. */
export function CopyLine({ command: bare }: { readonly command: string }) {
  const command = `${bare}${useApiFlag()}`
  const [state, setState] = useState<CopyState>('ready')
  const code = useRef<HTMLElement>(null)
  useEffect(() => {
    if (state === 'ready') return
    const timer = setTimeout(() => setState('ready'), sayForMs)
    return () => clearTimeout(timer)
  }, [state])

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(command)
      setState('copied')
    } catch {
      if (code.current !== null) window.getSelection()?.selectAllChildren(code.current)
      setState('selected')
    }
  }

  return (
    <div className={styles.line}>
      <span aria-hidden="true">$</span>
      <code className={styles.command} ref={code}>
        {command.split(' ').map((word, index) => (
          <Fragment key={`${index} ${word}`}>
            {index > 0 && ' '}
            <span className={styles.word}>{word}</span>
          </Fragment>
        ))}
      </code>
      <button
        className={styles.button}
        type="button"
        aria-label={`Copy as CLI: ${command}`}
        onClick={() => void copy()}
      >
        <span aria-live="polite">{words[state]}</span>
      </button>
    </div>
  )
}
