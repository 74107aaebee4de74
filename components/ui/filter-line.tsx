'use client'

import { useSearchParams } from 'next/navigation'
import styles from './filter-line.module.css'
import { Icon } from './icon.tsx'
import { setUrlParams } from './set-url-params.ts'

interface FilterLineProps {
  /** What is filtered: `workloads`. */
  readonly of: string
  /** The parameter of the address that holds the text. */
  readonly param?: string
  /** How many rows are left of how many; absent while they are unknown. */
  readonly count?: { readonly shown: number; readonly all: number }
}

/** A line that narrows a table by text; the text is in the address. Escape empties it. */
export function FilterLine({ of, param = 'filter', count }: FilterLineProps) {
  const text = useSearchParams().get(param) ?? ''
  const set = (next: string) => setUrlParams({ [param]: next === '' ? null : next }, 'replace')
  return (
    <search className={styles.line}>
      <Icon name="search" />
      <input
        className={styles.input}
        aria-label={`Filter ${of}`}
        placeholder={`Filter ${of}`}
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={event => set(event.target.value)}
        onKeyDown={event => event.key === 'Escape' && set('')}
      />
      <span className={styles.count} role="status">
        {text !== '' && count !== undefined && `${count.shown} of ${count.all}`}
      </span>
      {text !== '' && (
        <button className={styles.clear} type="button" aria-label="Show all" onClick={() => set('')}>
          <Icon name="close" />
        </button>
      )}
    </search>
  )
}

/** Whether every word of `filter` occurs in `text`, in any case; an empty filter lets everything through. */
export function passesFilter(text: string, filter: string): boolean {
  const within = text.toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every(word => within.includes(word))
}
