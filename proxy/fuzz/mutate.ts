import { Buffer } from 'node:buffer'
import { PIECES, SMUGGLING, VALID } from './corpus.ts'
import { below, oneOf } from './random.ts'

const REQUESTS: readonly [string, ...string[]] = [...VALID, ...SMUGGLING.map(([, request]) => request)]
const MAX_MUTATIONS = 6

/** One or several requests, most of them changed in some places. */
export function makeInput(random: () => number): Buffer {
  let text = ''
  const count = 1 + below(random, 3)
  for (let i = 0; i < count; i++) text += oneOf(random, random() < 0.8 ? VALID : REQUESTS)
  const mutations = below(random, MAX_MUTATIONS)
  for (let i = 0; i < mutations; i++) text = mutate(text, random)
  return Buffer.from(text, 'latin1')
}

function mutate(text: string, random: () => number): string {
  const at = below(random, text.length + 1)
  const end = Math.min(text.length, at + 1 + below(random, 8))
  switch (below(random, 6)) {
    case 0:
      return text.slice(0, at) + oneOf(random, PIECES) + text.slice(at)
    case 1:
      return text.slice(0, at) + oneOf(random, PIECES) + text.slice(end)
    case 2:
      return text.slice(0, at) + text.slice(end)
    case 3:
      return text.slice(0, end) + text.slice(at)
    case 4:
      return text.slice(0, at) + String.fromCharCode(below(random, 256)) + text.slice(at + 1)
    default:
      return text.slice(0, at)
  }
}

/** The same bytes in up to five pieces. */
export function cut(bytes: Buffer, random: () => number): readonly Buffer[] {
  const count = below(random, 5)
  if (count === 0) return [bytes]
  const ends = [bytes.length]
  for (let i = 0; i < count; i++) ends.push(below(random, bytes.length + 1))
  ends.sort((a, b) => a - b)
  return ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end))
}
