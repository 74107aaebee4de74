type Falsy = false | null | undefined | 0 | ''

/**
 * The first truthy value that `ask` gives, asked again every 50 ms. An error it throws counts as not yet; when the
 * time is up, the last one is the cause.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | Falsy> | T | Falsy,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let cause: unknown
  while (performance.now() < deadline) {
    try {
      const value = await ask()
      if (value) return value
    } catch (error) {
      cause = error
    }
    await new Promise(done => setTimeout(done, 50))
  }
  throw new Error(`Waiting for ${what} ended after ${timeoutMs} ms`, { cause })
}

/** `until` with room for a whole demo on a busy machine. */
export function untilInDemo<T>(what: string, ask: () => Promise<T | Falsy> | T | Falsy): Promise<T> {
  return until(what, ask, 90_000)
}
