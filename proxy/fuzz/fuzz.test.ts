import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { compareParsers } from './compare-parsers.ts'
import { startComparedServers } from './compare-servers.ts'
import { SMUGGLING, VALID } from './corpus.ts'
import { fuzz, fuzzServers } from './fuzz.ts'
import { readWithProxy } from './read-with-proxy.ts'

/** The same inputs each time; `npm run fuzz` tries others. */
const FIRST_SEED = 1

/** Whether so much time passed since now. */
function after(durationMs: number): () => boolean {
  const endsMs = performance.now() + durationMs
  return () => performance.now() > endsMs
}

/** The bytes in two pieces, cut at each place. */
function* eachCut(bytes: Buffer): Generator<readonly Buffer[]> {
  for (let at = 0; at <= bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)]
}

describe('the HTTP/1 parser', () => {
  test.each(VALID)("reads %j as Node's does, wherever it is cut", text => {
    const bytes = Buffer.from(text, 'latin1')
    for (const pieces of eachCut(bytes)) {
      for (const keepsChunkFraming of [true, false]) {
        expect(compareParsers(bytes, pieces, keepsChunkFraming)).toBe('accepted')
      }
    }
  })

  test.each(SMUGGLING)('refuses %s, wherever it is cut', (_, text) => {
    for (const pieces of eachCut(Buffer.from(text, 'latin1'))) {
      const read = readWithProxy(pieces)
      expect(read.requests.filter(({ isWhole }) => isWhole)).toEqual([])
      expect(read.fault).not.toBeNull()
    }
  })

  test("takes no input that Node's parser reads in another way", { timeout: 60_000 }, () => {
    const { inputs, verdicts } = fuzz(FIRST_SEED, Number.POSITIVE_INFINITY, after(15_000))
    expect(inputs).toBeGreaterThan(100)
    expect(verdicts.accepted).toBeGreaterThan(0)
    expect(verdicts.refused).toBeGreaterThan(0)
  })

  test('tells inputs that are read in different ways', () => {
    const bytes = Buffer.from(VALID[0])
    const other = Buffer.from(bytes.toString().replace('GET /', 'GET /else'))
    expect(() => compareParsers(bytes, [other], true)).toThrow('cut reads: request 0: target')
  })
})

describe('a server behind the proxy', () => {
  test('is asked what a server alone is asked, whatever the bytes', { timeout: 60_000 }, async () => {
    const { inputs, verdicts } = await fuzzServers(FIRST_SEED, 2000, after(5000))
    expect(inputs).toBeGreaterThan(10)
    expect(verdicts.accepted).toBeGreaterThan(0)
    expect(verdicts.refused).toBeGreaterThan(0)
  })

  test.each(SMUGGLING)('is not asked anything by %s', async (_, text) => {
    const servers = await startComparedServers()
    const verdict = await servers.compare([Buffer.from(text, 'latin1')])
    await servers.close()
    expect(verdict).toBe('refused')
  })
})
