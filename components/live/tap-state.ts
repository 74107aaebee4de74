import type { TapEvent, TapStats } from '#lib/api/tap.ts'
import type { Failure } from './failure.ts'

/** The newest this many requests are kept; older ones leave. */
export const keptEvents = 500

/** A tap of this page, from before its start to after its end. */
export type TapState =
  | { readonly state: 'idle' }
  | { readonly state: 'starting' }
  | ({ readonly state: 'running' | 'paused'; readonly tap: string } & TapLog)
  /** `failure` is `null` when it was stopped here. */
  | ({ readonly state: 'ended'; readonly failure: Failure | null } & TapLog)

interface TapLog {
  /** Newest first. */
  readonly events: readonly TapEvent[]
  /** `null` before the server told any. */
  readonly stats: TapStats | null
}

export type TapStep =
  | { readonly type: 'start' }
  | { readonly type: 'started'; readonly tap: string }
  | { readonly type: 'events'; readonly tap: string; readonly events: readonly TapEvent[] }
  | { readonly type: 'stats'; readonly tap: string; readonly stats: TapStats }
  | { readonly type: 'pause' | 'resume' | 'clear' | 'stop' }
  | { readonly type: 'ended'; readonly tap: string | null; readonly failure: Failure | null }

const nothingYet: TapLog = { events: [], stats: null }

/** The state after a step. What belongs to another tap than the present one changes nothing. */
export function stepTap(state: TapState, step: TapStep): TapState {
  switch (step.type) {
    case 'start':
      return { state: 'starting' }
    case 'started':
      return state.state === 'starting' ? { state: 'running', tap: step.tap, ...nothingYet } : state
    case 'events':
      if (!isOf(state, step.tap) || state.state === 'paused') return state
      return { ...state, events: withEvents(state.events, step.events) }
    case 'stats':
      return isOf(state, step.tap) ? { ...state, stats: step.stats } : state
    case 'pause':
      return state.state === 'running' ? { ...state, state: 'paused' } : state
    case 'resume':
      return state.state === 'paused' ? { ...state, state: 'running' } : state
    case 'clear':
      return 'events' in state ? { ...state, events: [] } : state
    case 'stop':
      return ended(state, null)
    case 'ended':
      if (step.tap !== null && !isOf(state, step.tap)) return state
      return ended(state, step.failure)
  }
}

function isOf(state: TapState, tap: string): state is Extract<TapState, { readonly tap: string }> {
  return (state.state === 'running' || state.state === 'paused') && state.tap === tap
}

function ended(state: TapState, failure: Failure | null): TapState {
  switch (state.state) {
    case 'idle':
    case 'ended':
      return state
    case 'starting':
      return { state: 'ended', failure, ...nothingYet }
    case 'running':
    case 'paused':
      return { state: 'ended', failure, events: state.events, stats: state.stats }
  }
}

/** Those that began last in front: pods tell of their requests at different times. One told before, as pending, changes in its place. */
function withEvents(before: readonly TapEvent[], added: readonly TapEvent[]): readonly TapEvent[] {
  const changed = new Map(added.map(event => [event.id, event]))
  const kept = before.map(event => {
    const now = changed.get(event.id)
    if (now !== undefined) changed.delete(event.id)
    return now ?? event
  })
  return [...[...changed.values()].reverse(), ...kept]
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
    .slice(0, keptEvents)
}
