/**
 * Calls back after so long, but after the events that came meanwhile: a process that was busy or stopped finds its timers
 * due before it reads what waits in its sockets, and would take a peer that answered long ago for one that is silent. What it
 * returns cancels.
 */
export function patientTimeout(callback: () => void, timeoutMs: number): () => void {
  let late: ReturnType<typeof setImmediate> | undefined
  const timer = setTimeout(() => {
    late = setImmediate(callback)
  }, timeoutMs)
  return () => {
    clearTimeout(timer)
    clearImmediate(late)
  }
}
