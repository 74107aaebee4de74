'use client'

import type { RefObject } from 'react'
import { rowsIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import type { Choice } from '#components/ui/find-choices.ts'
import { Popup } from '#components/ui/popup.tsx'
import { SearchList } from '#components/ui/search-list.tsx'

interface NamespacePanelProps {
  readonly anchor: RefObject<HTMLElement | null>
  readonly chosen: string | null
  readonly onChoose: (namespace: string | null) => void
  readonly onClose: () => void
}

/** Every namespace of the mesh, to choose one or all. */
export function NamespacePanel({ anchor, chosen, onChoose, onClose }: NamespacePanelProps) {
  const question = useQuestion('namespaces', {})
  const rows = rowsIn(question)
  const choices: Choice[] = [
    { id: '', words: 'All namespaces', isChosen: chosen === null },
    ...(rows ?? []).map(({ namespace, workloads, meshed }) => ({
      id: namespace,
      words: namespace,
      aside: `${workloads} ${workloads === 1 ? 'workload' : 'workloads'} · ${meshed.running}/${meshed.total} meshed`,
      isChosen: namespace === chosen,
    })),
  ]
  return (
    <Popup label="Namespace" anchor={anchor} onClose={onClose}>
      <SearchList
        label="Find a namespace"
        groups={[{ title: '', choices }]}
        none={question.state === 'failed' ? question.failure.message : 'No namespace has this name'}
        isLoading={question.state === 'loading'}
        onChoose={({ id }) => {
          onClose()
          onChoose(id === '' ? null : id)
        }}
      />
    </Popup>
  )
}
