import { type Page, pageOfKey } from './pages.ts'

/** What a key asks for anywhere: the palette, the list of keys, a page. */
export type ShellKey = 'palette' | 'keys' | Page

/** How long after `g` a letter still leads to a page. */
const sequenceMs = 1_500

/** A reader of keys: what each asks for, `null` for nothing. Keys typed into a field or a dialog ask for nothing. */
export function readShellKeys(): (event: KeyboardEvent) => ShellKey | null {
  let gAtMs = Number.NEGATIVE_INFINITY
  return event => {
    const { altKey, ctrlKey, key, metaKey, shiftKey, timeStamp } = event
    if (event.defaultPrevented) return null
    const isCommand = ctrlKey || metaKey
    if (isCommand && key.toLowerCase() === 'k' && !altKey && !shiftKey) return 'palette'
    if (isCommand || altKey || isTaken(event.target)) return null
    const afterG = timeStamp - gAtMs < sequenceMs
    gAtMs = key === 'g' && !afterG ? timeStamp : Number.NEGATIVE_INFINITY
    if (key === '/') return 'palette'
    if (key === '?') return 'keys'
    return afterG ? (pageOfKey(key) ?? null) : null
  }
}

function isTaken(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable], [role="dialog"]') !== null
  )
}
