import { setTimeout as pause } from 'node:timers/promises'
import type { NewMarker } from '#lib/api/markers.ts'

const timeoutMs = 3_000
const tries = 10

/**
 * Puts a marker on the dashboard's charts, at the moment of the call. A server that is away is asked ten times in all,
 * `pauseMs` apart; one that refuses the marker is no reason to end. Says whether the marker was taken.
 */
export async function postMarker(url: string, marker: NewMarker, pauseMs = 1_000): Promise<boolean> {
  const body = JSON.stringify({ at: new Date().toISOString(), ...marker })
  for (let tried = 1; ; tried++) {
    const status = await post(`${url}/api/v1/markers`, body)
    if (status !== null && status < 500) return status < 300
    if (tried === tries) return false
    // Nobody waits for a marker to be told at the end.
    await pause(pauseMs, undefined, { ref: false })
  }
}

/** The status of the answer; `null` without one. */
async function post(url: string, body: string): Promise<number | null> {
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), timeoutMs)
  try {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, body, signal: giveUp.signal })
    await answer.body?.cancel()
    return answer.status
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}
