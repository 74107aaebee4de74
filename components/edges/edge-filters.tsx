'use client'

import { type EdgeFilter, edgeFilters } from '#lib/api/edge-filter.ts'
import { edgeFilterWords } from './edge-filter.ts'
import styles from './edge-filters.module.css'

interface EdgeFiltersProps {
  readonly filter: EdgeFilter
  /** How many edges each would show; `null` while loading. */
  readonly counts: Readonly<Record<EdgeFilter, number>> | null
  readonly onFilter: (filter: EdgeFilter) => void
  readonly text: string
  readonly onText: (text: string) => void
}

/** Narrows the list: by state with how many there are of each, and by a word. */
export function EdgeFilters({ filter: chosen, counts, onFilter, text, onText }: EdgeFiltersProps) {
  return (
    <div className={styles.filters}>
      <fieldset className={styles.states} aria-label="Which edges">
        {edgeFilters.map(filter => (
          <label key={filter} className={styles.state}>
            <input
              className={styles.input}
              type="radio"
              name="edge-filter"
              checked={filter === chosen}
              onChange={() => onFilter(filter)}
            />
            {edgeFilterWords[filter]}
            <span className={styles.count}>{counts === null ? '' : counts[filter]}</span>
          </label>
        ))}
      </fieldset>
      <input
        className={styles.text}
        type="search"
        placeholder="Filter by name or identity"
        aria-label="Filter edges by name or identity"
        value={text}
        onChange={event => onText(event.target.value)}
      />
    </div>
  )
}
