'use client'

import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { Graph } from './graph.ts'
import { nodeTitle } from './graph-words.ts'
import styles from './toolbar.module.css'

interface NodeSearchProps {
  readonly graph: Graph | null
  readonly onFound: (id: string) => void
}

const mostMatches = 8

/** Finds a node by any part of its name; `/` leads here, Enter to the node. */
export function NodeSearch({ graph, onFound }: NodeSearchProps) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const [isOpen, setIsOpen] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const listId = useId()
  const matches = useMemo(() => findNodes(graph, text), [graph, text])
  useEffect(() => focusOnSlash(input), [])

  const choose = (id: string): void => {
    onFound(id)
    setIsOpen(false)
    setText('')
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      setText('')
      setIsOpen(false)
    } else if (event.key === 'Enter') {
      const match = matches[at]
      if (match) choose(match.id)
    } else if (event.key === 'ArrowDown') setAt(now => Math.min(now + 1, matches.length - 1))
    else if (event.key === 'ArrowUp') setAt(now => Math.max(now - 1, 0))
    else return
    event.preventDefault()
  }
  const isListed = isOpen && text !== ''
  return (
    <div className={styles.search}>
      <input
        ref={input}
        className={styles.input}
        type="search"
        role="combobox"
        placeholder="Find a node  /"
        aria-label="Find a node"
        aria-expanded={isListed}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={isListed && matches[at] ? `${listId}-${at}` : undefined}
        value={text}
        onChange={event => {
          setText(event.target.value)
          setAt(0)
          setIsOpen(true)
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setIsOpen(false)}
      />
      <div id={listId} role="listbox" aria-label="Nodes found" className={styles.matches} hidden={!isListed}>
        {matches.map((node, index) => (
          <div
            key={node.id}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className={`${styles.match} ${index === at ? styles.chosen : ''}`}
            // Before the input loses the focus, and the list with it.
            onPointerDown={event => {
              event.preventDefault()
              choose(node.id)
            }}
          >
            {nodeTitle(node)} <span>{node.kind}</span>
          </div>
        ))}
        {matches.length === 0 && <p className={styles.noMatch}>No node of this name</p>}
      </div>
    </div>
  )
}

function findNodes(graph: Graph | null, text: string) {
  const wish = text.trim().toLowerCase()
  if (graph === null || wish === '') return []
  return graph.nodes
    .filter(node => nodeTitle(node).toLowerCase().includes(wish))
    .sort((a, b) => a.name.toLowerCase().indexOf(wish) - b.name.toLowerCase().indexOf(wish))
    .slice(0, mostMatches)
}

/** On this page `/` is for finding nodes: it comes before whatever else listens to it. */
function focusOnSlash(input: { readonly current: HTMLInputElement | null }): () => void {
  const onKeyDown = (event: globalThis.KeyboardEvent): void => {
    const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select')
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    event.stopImmediatePropagation()
    input.current?.focus()
  }
  window.addEventListener('keydown', onKeyDown, { capture: true })
  return () => window.removeEventListener('keydown', onKeyDown, { capture: true })
}
