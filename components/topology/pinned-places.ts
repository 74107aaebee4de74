import type { Flow, Point } from './layout.ts'

const mostPinned = 500

function storageKey(view: string): string {
  return `meshscope.topology.${view}`
}

/** Under which name the places of a picture are kept: where calls go down, others are. */
export function pinnedIn(subject: string, flow: Flow): string {
  return flow === 'down' ? `${subject} down` : subject
}

/** The places that somebody gave to nodes of this view, by id; none where the browser keeps nothing. */
export function readPinned(view: string): Record<string, Point> {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(storageKey(view)) ?? '{}')
    if (typeof read !== 'object' || read === null) return {}
    return Object.fromEntries(
      Object.entries(read).filter((entry): entry is [string, Point] => isPoint(entry[1])),
    )
  } catch {
    return {}
  }
}

/** Keeps the places for later visits; of more than 500 the last. */
export function keepPinned(view: string, pinned: Readonly<Record<string, Point>>): void {
  const entries = Object.entries(pinned).slice(-mostPinned)
  try {
    if (entries.length === 0) localStorage.removeItem(storageKey(view))
    else localStorage.setItem(storageKey(view), JSON.stringify(Object.fromEntries(entries)))
  } catch {
    // Storage is off or full: the places last as long as the page.
  }
}

function isPoint(value: unknown): value is Point {
  return (
    typeof value === 'object' &&
    value !== null &&
    'x' in value &&
    'y' in value &&
    Number.isFinite(value.x) &&
    Number.isFinite(value.y)
  )
}
