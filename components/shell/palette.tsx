'use client'

import { useRouter, useSearchParams } from 'next/navigation'
import { useMemo } from 'react'
import { answerIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { DialogBox } from '#components/ui/dialog-box.tsx'
import { withTimeOf } from '#components/ui/page-path.ts'
import { SearchList } from '#components/ui/search-list.tsx'
import { actions } from './actions.ts'
import styles from './palette.module.css'
import { placeGroups } from './places.ts'

interface PaletteProps {
  readonly onClose: () => void
  /** Shows the list of keys in its place. */
  readonly onKeys: () => void
}

const actionPrefix = 'do '
const keysId = `${actionPrefix}keys`

/** Leads to every page and everything in the mesh by its name, and does what has no page. */
export function Palette({ onClose, onKeys }: PaletteProps) {
  const router = useRouter()
  const search = useSearchParams()
  const namespaces = useQuestion('namespaces', {})
  const workloads = useQuestion('workloads', {})
  const services = useQuestion('services', {})
  const places = useMemo(
    () => placeGroups(answerIn(namespaces), answerIn(workloads), answerIn(services)),
    [namespaces, workloads, services],
  )
  const doable = [
    ...actions.map(({ id, words }) => ({ id: `${actionPrefix}${id}`, words, aside: 'action' })),
    { id: keysId, words: 'Show all keys', aside: '?' },
  ]
  return (
    <DialogBox label="Search and commands" className={styles.palette} onClose={onClose}>
      <SearchList
        label="Search pages, workloads, services, routes, actions"
        groups={[...places, { title: 'Actions', choices: doable }]}
        none="Nothing in the mesh has this name"
        isLoading={[namespaces, workloads, services].some(({ state }) => state === 'loading')}
        onChoose={({ id }) => {
          onClose()
          if (id === keysId) return onKeys()
          const action = actions.find(({ id: own }) => `${actionPrefix}${own}` === id)
          if (action === undefined) router.push(withTimeOf(id, search))
          else action.run()
        }}
      />
      <p className={styles.keys} aria-hidden="true">
        <kbd>↑</kbd> <kbd>↓</kbd> choose <kbd>Enter</kbd> go there <kbd>Esc</kbd> close
      </p>
    </DialogBox>
  )
}
