import { expect, test } from 'vitest'
import type { HalfStart } from '#lib/tap/half.ts'
import { CountedRequests } from './counted-requests.ts'
import { Observation } from './observation.ts'

function startOf(stream: number): HalfStart {
  return {
    kind: 'start',
    stream,
    direction: 'inbound',
    source: { ip: '127.0.0.2', port: 40_000 },
    destination: { ip: '127.0.0.3', port: 8080 },
    sourceLabels: {},
    destinationLabels: {},
    routeLabels: {},
    method: 'GET',
    scheme: 'http',
    authority: 'catalog',
    path: `/${stream}`,
    headers: [],
  }
}

/** An observation of ten requests that is used up by those with these numbers. */
function usedUp(...streams: readonly number[]): Observation {
  const observation = new Observation(10, null)
  for (const stream of streams) observation.begin(startOf(stream))
  expect(observation.remaining).toBe(0)
  return observation
}

/** What is told to be unseen after `usedUp`, when proxies counted `requests` and nobody heard of them. */
async function unseenAfter(observation: Observation, requests: number) {
  let left: number | null = 0
  const counted = new CountedRequests(() => {
    const answer = { requests: left ?? 0, endMs: 1_000 }
    left = 0
    return Promise.resolve(answer)
  }, 0)
  const read = async () => {
    counted.ask({ pods: new Set(['shop/web-0']), toPods: null })
    await new Promise(done => setImmediate(done))
  }
  // The first reading says from when on; a difference is believed when three say it.
  await read()
  left = requests
  counted.noteUnwatched(observation)
  for (let reading = 0; reading < 3; reading++) await read()
  return { ...counted.unseen }
}

test('CountedRequests puts what nobody watched down to the limit, when the proxy told all that it was asked for', async () => {
  const whole = usedUp(...Array(10).keys())
  expect(whole.cause).toBe('limit')
  expect(await unseenAfter(whole, 40)).toEqual({ limit: 40, proxyBuffer: 0 })
})

test("CountedRequests puts it down to the proxy's buffer, when requests that it lost took the numbers", async () => {
  const withGap = usedUp(0, 4, 9)
  expect(withGap.cause).toBe('proxyBuffer')
  expect(await unseenAfter(withGap, 40)).toEqual({ limit: 0, proxyBuffer: 40 })
})

test('CountedRequests learns of a loss that comes to light after the observation was used up', async () => {
  const cutShort = new Observation(10, null)
  cutShort.begin(startOf(0))
  expect(cutShort.finish()).toBe(9)
  expect(cutShort.cause).toBe('proxyBuffer')
})
