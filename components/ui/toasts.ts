/** A line that is shown for a while. */
export interface ToastLine {
  readonly id: number
  readonly words: string
}

const keptMax = 3
let lines: readonly ToastLine[] = []
let lastId = 0
const listeners = new Set<() => void>()

/** Shows a line for a while, at the corner of the page. The oldest of more than three leaves at once. */
export function say(words: string): void {
  change([...lines, { id: ++lastId, words }].slice(-keptMax))
}

/** The lines that are shown, oldest first. */
export function shownToasts(): readonly ToastLine[] {
  return lines
}

/** Takes a line away; nothing when it is gone already. */
export function endToast(id: number): void {
  change(lines.filter(line => line.id !== id))
}

/** Calls back whenever the lines change, until the returned function is called. */
export function watchToasts(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

function change(next: readonly ToastLine[]): void {
  lines = next
  for (const listener of listeners) listener()
}
