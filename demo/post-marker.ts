import type { NewMarker } from '#lib/api/markers.ts'

const timeoutMs = 3_000

/** Puts a marker on the dashboard's charts. A server that is away, or takes none, is no reason to end. */
export async function postMarker(url: string, marker: NewMarker): Promise<void> {
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), timeoutMs)
  try {
    const answer = await fetch(`${url}/api/v1/markers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(marker),
      signal: giveUp.signal,
    })
    await answer.body?.cancel()
  } catch {
    // The next one may arrive.
  } finally {
    clearTimeout(timer)
  }
}
