'use client'

import { type RefObject, useMemo } from 'react'
import { Popup } from '#components/ui/popup.tsx'
import { SearchList } from '#components/ui/search-list.tsx'
import type { Graph } from './graph.ts'
import { nodeTitle } from './graph-words.ts'

interface NodeListProps {
  /** `null` while loading. */
  readonly graph: Graph | null
  readonly anchor: RefObject<HTMLElement | null>
  readonly onChoose: (id: string) => void
  readonly onClose: () => void
}

/** Every node of the picture, to find one by any part of its name. */
export function NodeList({ graph, anchor, onChoose, onClose }: NodeListProps) {
  const choices = useMemo(
    () =>
      (graph?.nodes ?? [])
        .map(node => ({
          id: node.id,
          words: nodeTitle(node),
          aside: node.folded > 0 ? `namespace of ${node.folded}` : node.kind,
        }))
        .sort((a, b) => (a.words < b.words ? -1 : 1)),
    [graph],
  )
  return (
    <Popup label="Nodes" anchor={anchor} onClose={onClose}>
      <SearchList
        label="Find a node"
        groups={[{ title: '', choices }]}
        none="No node has this name"
        isLoading={graph === null}
        onChoose={({ id }) => {
          onClose()
          onChoose(id)
        }}
      />
    </Popup>
  )
}
