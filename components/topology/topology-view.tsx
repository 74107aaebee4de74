'use client'

import { memo, useCallback, useDeferredValue, useMemo, useState } from 'react'
import type { QuestionState } from '#components/live/use-question.ts'
import { FailureNotice } from '#components/time/failure-notice.tsx'
import { localNote } from '#components/time/local-time.ts'
import { Notice } from '#components/ui/notice.tsx'
import type { TopologyAnswer } from '#lib/api/topology.ts'
import { readableNodes } from '#lib/topology/readable-nodes.ts'
import { pictureCommand } from './commands.ts'
import { EdgePanel } from './edge-panel.tsx'
import { filterEmphasis } from './emphasis.ts'
import { type Graph, graphOf, nodeOf, unfoldedCount } from './graph.ts'
import type { AddressChange, GraphAddress } from './graph-address.ts'
import { LatePart } from './late-part.tsx'
import { NodePanel } from './node-panel.tsx'
import panel from './panel.module.css'
import { SummaryPanel } from './summary-panel.tsx'
import { Toolbar } from './toolbar.tsx'
import styles from './topology-view.module.css'

const loadPicture = async () => (await import('./picture.ts')).Picture
const loadTables = async () => (await import('./graph-tables.tsx')).GraphTables

interface TopologyViewProps {
  readonly topology: QuestionState<TopologyAnswer>
  /** What the topology is asked about, whatever is folded: places that somebody chose are kept by it. */
  readonly subject: string
  /** Which picture it will be: another one is arranged anew. */
  readonly picture: string
  /** Whether the newest topology there is is old, though an earlier one may still be drawn. */
  readonly isStale: boolean
  readonly address: GraphAddress
  readonly onChange: (change: AddressChange) => void
  /** Asks the command line for the time shown; empty, or with a blank before it. */
  readonly timeFlag: string
}

/** The topology: its tools, the picture or its tables, and what is known of the selected part. */
export const TopologyView = memo(function TopologyView(props: TopologyViewProps) {
  const { topology, isStale, address, onChange, timeFlag } = props
  const { groupBy, namespace, filter, selected, unfolded, view } = address
  const answer = topology.state === 'loading' || topology.state === 'failed' ? null : topology.answer
  const graph = useMemo(() => (answer === null ? null : graphOf(answer)), [answer])
  const emphasis = useMemo(() => (graph === null ? null : filterEmphasis(graph, filter)), [graph, filter])
  const { subject, picture } = usePictureOf(props)
  const drawing = useMemo(() => graph && { graph, picture, keptAs: subject }, [graph, picture, subject])
  // The picture comes first: while it is laid out on another thread, there is time for the panel.
  const told = useDeferredValue(graph, null)
  const [sought, setSought] = useState<{ readonly id: string; readonly count: number } | null>(
    selected?.type === 'node' ? { id: selected.id, count: 0 } : null,
  )
  const onSelect = useCallback<Selecting>(target => onChange({ selected: target }), [onChange])
  const seek = (id: string): void => {
    onChange({ selected: { type: 'node', id } })
    setSought(before => ({ id, count: (before?.count ?? 0) + 1 }))
  }
  const unfold = useCallback(
    (name: string) =>
      onChange({ unfolded: unfolded === 'all' ? 'all' : new Set([...unfolded, name]), selected: null }),
    [unfolded, onChange],
  )
  const open = useCallback(
    (id: string) => {
      const node = graph === null ? undefined : nodeOf(graph, id)
      if (node !== undefined && node.folded > 0) unfold(node.name)
    },
    [graph, unfold],
  )

  if (topology.state === 'failed') return <FailureNotice failure={topology.failure} retry={topology.retry} />
  const command = pictureCommand(groupBy, namespace, timeFlag)
  const isOld = isStale || topology.state === 'changing'
  return (
    <div className={styles.view}>
      <Toolbar address={address} onChange={onChange} graph={graph} onSeek={seek} />
      {graph !== null && graph.nodes.length === 0 ? (
        <Empty namespace={namespace} onChange={onChange} />
      ) : (
        <div
          className={`${styles.body} ${view === 'table' ? styles.asTable : ''} ${isOld ? styles.old : ''}`}
        >
          {view === 'table' ? (
            <LatePart
              load={loadTables}
              name="The tables"
              props={{ graph, emphasis, command, onSelect }}
              waiting={() => <Waiting words="Loading the tables" />}
            />
          ) : (
            <section className={styles.picture} aria-label="Topology" aria-busy={graph === null}>
              <LatePart
                load={loadPicture}
                name="The picture"
                props={
                  drawing && {
                    ...drawing,
                    label: address.label,
                    hasBoxes: groupBy !== 'namespace',
                    selected,
                    emphasis,
                    sought,
                    onSelect,
                    onOpen: open,
                  }
                }
                waiting={isHere => (
                  <Waiting
                    words={
                      answer === null
                        ? 'Asking for the topology'
                        : isHere
                          ? 'Arranging the picture'
                          : 'Loading the picture'
                    }
                  />
                )}
              />
              {answer !== null && <Caveat answer={answer} isStale={isStale} />}
            </section>
          )}
          <aside
            className={`${styles.side} ${panel.panel}`}
            aria-label="Details"
            hidden={view === 'table' && selected === null}
          >
            {told === null ? (
              <Waiting words="" />
            ) : (
              <Details
                graph={told}
                address={address}
                timeFlag={timeFlag}
                command={command}
                onSelect={onSelect}
                onUnfold={unfold}
                onChange={onChange}
              />
            )}
          </aside>
        </div>
      )}
    </div>
  )
})

/** Which picture is drawn: while another one is asked for, it stays the one that is answered. */
function usePictureOf({
  topology,
  subject,
  picture,
}: Pick<TopologyViewProps, 'topology' | 'subject' | 'picture'>): { subject: string; picture: string } {
  const [drawn, setDrawn] = useState({ subject, picture })
  if (topology.state === 'changing' || drawn.picture === picture) return drawn
  setDrawn({ subject, picture })
  return { subject, picture }
}

type Selecting = (target: GraphAddress['selected']) => void

interface DetailsProps {
  readonly graph: Graph
  readonly address: GraphAddress
  readonly timeFlag: string
  readonly command: string
  readonly onSelect: Selecting
  readonly onUnfold: (namespace: string) => void
  readonly onChange: (change: AddressChange) => void
}

function Details(props: DetailsProps) {
  const { graph, address, timeFlag, command, onSelect, onUnfold, onChange } = props
  const { selected, unfolded } = address
  const node = selected?.type === 'node' ? nodeOf(graph, selected.id) : undefined
  if (node) return <NodePanel {...{ graph, node, timeFlag, onSelect, onUnfold }} />
  const edge = selected?.type === 'edge' ? graph.edges.find(({ id }) => id === selected.id) : undefined
  const [source, destination] = [nodeOf(graph, edge?.source ?? ''), nodeOf(graph, edge?.destination ?? '')]
  if (edge && source && destination)
    return <EdgePanel {...{ edge, source, destination, timeFlag, onSelect }} />
  const isUnfolded = unfolded === 'all' || unfolded.size > 0
  return (
    <>
      {selected !== null && (
        <p className={panel.note} role="status">
          <b>{selected.id}</b> is not in this picture: it had no traffic in this time, or is within a folded
          namespace
        </p>
      )}
      <SummaryPanel
        graph={graph}
        command={command}
        onSelect={onSelect}
        onUnfoldAll={graph.folded.length > 0 ? () => onChange({ unfolded: 'all' }) : null}
        onFold={
          isUnfolded && unfoldedCount(graph) > readableNodes ? () => onChange({ unfolded: new Set() }) : null
        }
      />
    </>
  )
}

function Waiting({ words }: { readonly words: string }) {
  return (
    <p className={styles.waiting} role="status">
      {words}
    </p>
  )
}

/** What has to be known of a picture that is not whole, or not of now. */
function Caveat({ answer, isStale }: { readonly answer: TopologyAnswer; readonly isStale: boolean }) {
  const { expected, answered } = answer.coverage
  const isPartial = answered < expected
  if (!isStale && !isPartial && answer.note === undefined) return null
  return (
    <div className={styles.caveat} role="status">
      {isStale && <p>◷ Not of now: the last picture known</p>}
      {isPartial && (
        <p>
          ◐ {answered} of {expected} proxies answered: what the others carried is not in the picture
        </p>
      )}
      {answer.note !== undefined && <p>{localNote(answer.note, Date.now())}</p>}
    </div>
  )
}

function Empty({
  namespace,
  onChange,
}: {
  readonly namespace: string | null
  readonly onChange: (change: AddressChange) => void
}) {
  if (namespace !== null) {
    return (
      <Notice
        kind="empty"
        title={`There is nothing in the namespace ${namespace}`}
        action={{ label: 'Show the whole mesh', run: () => onChange({ namespace: null }) }}
      >
        <p>No workload runs in it, and nobody calls into it</p>
      </Notice>
    )
  }
  return (
    <Notice kind="empty" title="There is nothing in this mesh yet">
      <p>
        The server runs, but its mesh file names no running instance. Add <code>Pod</code> or{' '}
        <code>ExternalWorkload</code> documents to it; they appear here without a restart.
      </p>
    </Notice>
  )
}
