'use client'

import { Autocomplete } from '@base-ui/react/autocomplete'
import { useMemo, useState } from 'react'
import { type Choice, type ChoiceGroup, findChoices } from './find-choices.ts'
import { Icon } from './icon.tsx'
import styles from './search-list.module.css'

interface SearchListProps {
  readonly label: string
  readonly groups: readonly ChoiceGroup[]
  /** What to say when nothing is found. */
  readonly none: string
  /** Whether more choices are still on their way. */
  readonly isLoading: boolean
  readonly onChoose: (choice: Choice) => void
}

/** More of one group than this are found by typing another letter. */
const shownOfGroup = 30

/** A line to type in and what is found by it. Up, down and Enter choose. Fetch it when wanted. */
export function SearchList({ label, groups, none, isLoading, onChoose }: SearchListProps) {
  const [query, setQuery] = useState('')
  const found = useMemo(
    () =>
      findChoices(groups, query, shownOfGroup).map(({ title, choices }) => ({
        value: title,
        items: choices,
      })),
    [groups, query],
  )
  return (
    <Autocomplete.Root
      open
      inline
      items={found}
      filter={null}
      autoHighlight="always"
      keepHighlight
      value={query}
      onValueChange={(value, { reason }) => reason !== 'item-press' && setQuery(value)}
      itemToStringValue={(choice: Choice) => choice.words}
    >
      <div className={styles.line}>
        <Icon name="search" />
        <Autocomplete.Input
          className={styles.input}
          aria-label={label}
          placeholder={label}
          spellCheck={false}
        />
      </div>
      <Autocomplete.Empty>
        <p className={styles.none}>{isLoading ? 'Asking the server' : none}</p>
      </Autocomplete.Empty>
      <Autocomplete.List className={styles.list}>
        {(group: (typeof found)[number]) => (
          <Autocomplete.Group key={group.value} items={group.items}>
            {group.value !== '' && (
              <Autocomplete.GroupLabel className={styles.title}>{group.value}</Autocomplete.GroupLabel>
            )}
            <Autocomplete.Collection>
              {(choice: Choice) => (
                <Autocomplete.Item
                  key={choice.id}
                  value={choice}
                  className={styles.choice}
                  onClick={() => onChoose(choice)}
                >
                  <span className={styles.words}>{choice.words}</span>
                  {choice.aside !== undefined && <span className={styles.aside}>{choice.aside}</span>}
                  {choice.isChosen === true && <Icon name="check" />}
                </Autocomplete.Item>
              )}
            </Autocomplete.Collection>
          </Autocomplete.Group>
        )}
      </Autocomplete.List>
    </Autocomplete.Root>
  )
}
