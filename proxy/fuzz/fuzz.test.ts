import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { compareParsers } from './compare-parsers.ts'
import { SMUGGLING, VALID } from './corpus.ts'
import { fuzz } from './fuzz.ts'
import { readWithProxy } from './read-with-proxy.ts'

const DURATION_MS = 20_000
/** The same inputs each time; `npm run fuzz` tries others. */
const FIRST_SEED = 1

/** The bytes in two pieces, cut at each place. */
function* eachCut(bytes: Buffer): Generator<readonly Buffer[]> {
  for (let at = 0; at <= bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)]
}

describe('the HTTP/1 parser', () => {
  test.each(VALID)("reads %j as Node's does, wherever it is cut", text => {
    const bytes = Buffer.from(text, 'latin1')
    for (const pieces of eachCut(bytes)) expect(compareParsers(bytes, pieces)).toBe('accepted')
  })

  test.each(SMUGGLING)('refuses %s, wherever it is cut', (_, text) => {
    for (const pieces of eachCut(Buffer.from(text, 'latin1'))) {
      const read = readWithProxy(pieces)
      expect(read.requests.filter(({ isWhole }) => isWhole)).toEqual([])
      expect(read.fault).not.toBeNull()
    }
  })

  test("takes no input that Node's parser reads in another way", { timeout: 60_000 }, () => {
    const endsMs = performance.now() + DURATION_MS
    const { inputs, verdicts } = fuzz(FIRST_SEED, Number.POSITIVE_INFINITY, () => performance.now() > endsMs)
    expect(inputs).toBeGreaterThan(100)
    expect(verdicts.accepted).toBeGreaterThan(0)
    expect(verdicts.refused).toBeGreaterThan(0)
  })
})
