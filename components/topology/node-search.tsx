'use client'

import { useEffect, useRef, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { usePart } from '#components/ui/use-part.ts'
import type { Graph } from './graph.ts'
import styles from './toolbar.module.css'

interface NodeSearchProps {
  readonly graph: Graph | null
  readonly onFound: (id: string) => void
}

const loadList = async () => (await import('./node-list.tsx')).NodeList

/** Finds a node by any part of its name; `/` leads here, Enter to the node. */
export function NodeSearch({ graph, onFound }: NodeSearchProps) {
  const { part: List, isLost, want } = usePart(loadList)
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(
    () =>
      onSlash(() => {
        want()
        setOpen(true)
      }),
    [want],
  )
  return (
    <>
      <Button
        ref={button}
        className={styles.search}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-keyshortcuts="/"
        aria-description={
          isLost ? 'It could not be loaded: reload the page once the server is back' : undefined
        }
        onPointerEnter={want}
        onFocus={want}
        onClick={() => {
          want()
          setOpen(true)
        }}
      >
        <Icon name="search" />
        <span className={styles.words}>Find a node</span>
        <kbd>/</kbd>
      </Button>
      {isOpen && List !== null && (
        <List graph={graph} anchor={button} onChoose={onFound} onClose={() => setOpen(false)} />
      )}
    </>
  )
}

/** On this page `/` is for finding nodes: it comes before whatever else listens to it. */
function onSlash(act: () => void): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    const isTaken =
      event.target instanceof Element &&
      event.target.closest('input, textarea, select, [role="dialog"]') !== null
    if (event.key !== '/' || isTaken || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    event.stopImmediatePropagation()
    act()
  }
  window.addEventListener('keydown', onKeyDown, { capture: true })
  return () => window.removeEventListener('keydown', onKeyDown, { capture: true })
}
