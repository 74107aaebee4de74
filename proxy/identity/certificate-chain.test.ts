import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkChain, type Expected, parsePemBundle } from './certificate-chain.ts'
import { loadCredentials } from './credentials.ts'
import { createTestCa } from './test-ca.ts'

const NAME = 'web.shop'
const HOUR_MS = 3_600_000
const ca = createTestCa()
const other = createTestCa()
let directory: string
let leaf: X509Certificate
let intermediate: X509Certificate
let expected: Expected

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meshscope-chain-'))
  const { csr, key } = await loadCredentials(directory, NAME)
  const issued = ca.issue(csr, { dnsName: NAME, lifetimeMs: HOUR_MS })
  leaf = new X509Certificate(issued.leaf)
  intermediate = new X509Certificate(issued.intermediate)
  const trustAnchors = parsePemBundle(ca.trustAnchorsPem)
  expected = { name: NAME, key, trustAnchors, nowMs: Date.now() }
})
afterAll(() => rm(directory, { recursive: true, force: true }))

describe('checkChain()', () => {
  test('finds the root in a bundle of two, in either order', () => {
    for (const bundle of [
      ca.trustAnchorsPem + other.trustAnchorsPem,
      other.trustAnchorsPem + ca.trustAnchorsPem,
    ]) {
      checkChain(leaf, [intermediate], { ...expected, trustAnchors: parsePemBundle(bundle) })
    }
    const trustAnchors = parsePemBundle(other.trustAnchorsPem)
    expect(() => checkChain(leaf, [intermediate], { ...expected, trustAnchors })).toThrow('trust anchor')
  })

  test('allows for a clock that is a little behind, and refuses before and after its time, saying so', () => {
    const startMs = Date.parse(leaf.validFrom)
    const endMs = Date.parse(leaf.validTo)
    const at = (nowMs: number) => () => checkChain(leaf, [intermediate], { ...expected, nowMs })
    expect(at(startMs - 59_000)).not.toThrow()
    expect(at(startMs - 61_000)).toThrow(/of DNS:web\.shop is valid from .* GMT: it is \d{4}-/)
    expect(at(endMs - 1)).not.toThrow()
    expect(at(endMs)).toThrow(/of DNS:web\.shop expired at .* GMT: it is \d{4}-/)
  })
})
