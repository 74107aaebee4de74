'use client'

import { Segments } from '#components/ui/segments.tsx'
import type { GraphAddress } from './graph-address.ts'
import { useGraphAddress } from './use-graph-address.ts'

type View = GraphAddress['view']

const views = [
  { value: 'graph', words: 'Graph' },
  { value: 'table', words: 'Table' },
] as const

/** Whether the topology is a picture or a table. */
export function ViewChoice() {
  const [{ view }, change] = useGraphAddress()
  return <Choice chosen={view} onChoose={next => change({ view: next })} />
}

/** The same in its place, before the address could be read. */
export function ViewChoiceAtRest() {
  return <Choice chosen={null} onChoose={() => {}} />
}

interface ChoiceProps {
  readonly chosen: View | null
  readonly onChoose: (view: View) => void
}

function Choice({ chosen, onChoose }: ChoiceProps) {
  return <Segments name="View" hidesName chosen={chosen} options={views} onChoose={onChoose} />
}
