import { Buffer } from 'node:buffer'
import { readExposition } from '#lib/metrics/exposition-reader.ts'
import { parseClientHello } from '#proxy/accept/client-hello.ts'
import { detectHttp } from '#proxy/accept/detect-http.ts'
import { encodeTransportHeader, parseTransportHeader } from '#proxy/tcp/transport-header.ts'
import { compareParsers, type Verdict } from './compare-parsers.ts'
import { startComparedServers } from './compare-servers.ts'
import { cut, makeInput } from './mutate.ts'
import { below, seededRandom } from './random.ts'

export interface FuzzResult {
  readonly inputs: number
  readonly verdicts: Readonly<Record<Verdict, number>>
}

/**
 * Tries inputs that the seed decides on the parsers, until `maxInputs` or `isOver` says so. Throws at the first that
 * they disagree on, or that a reader of other first bytes cannot take, with what is needed to try it again.
 */
export function fuzz(seed: number, maxInputs: number, isOver: () => boolean): FuzzResult {
  const verdicts: Record<Verdict, number> = { accepted: 0, refused: 0, 'unknown method': 0 }
  let inputs = 0
  for (; inputs < maxInputs; inputs++) {
    if (inputs % 256 === 0 && isOver()) break
    const { bytes, inputSeed, random } = inputOf(seed, inputs)
    try {
      verdicts[compareParsers(bytes, cut(bytes, random), inputSeed % 2 === 0)]++
      if (inputSeed % 16 === 0) tryOtherReaders(bytes, random)
    } catch (error) {
      throw failureOf(inputSeed, bytes, error)
    }
  }
  return { inputs, verdicts }
}

/** Sends inputs that the seed decides to two servers over sockets, one of them behind a proxy; else as `fuzz`. */
export async function fuzzServers(
  seed: number,
  maxInputs: number,
  isOver: () => boolean,
): Promise<FuzzResult> {
  const verdicts: Record<Verdict, number> = { accepted: 0, refused: 0, 'unknown method': 0 }
  const servers = await startComparedServers()
  let inputs = 0
  try {
    for (; inputs < maxInputs && !isOver(); inputs++) {
      const { bytes, inputSeed, random } = inputOf(seed, inputs)
      try {
        verdicts[await servers.compare(cut(bytes, random))]++
      } catch (error) {
        throw failureOf(inputSeed, bytes, error)
      }
    }
  } finally {
    await servers.close()
  }
  return { inputs, verdicts }
}

/** Each input has a seed of its own, so that it is found again without those before it. */
function inputOf(seed: number, index: number) {
  const inputSeed = (seed + index) >>> 0
  const random = seededRandom(inputSeed)
  return { inputSeed, random, bytes: makeInput(random) }
}

function failureOf(inputSeed: number, bytes: Buffer, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause)
  const text = JSON.stringify(bytes.toString('latin1'))
  return new Error(`Fuzz input of seed ${inputSeed}: ${why}\n${text}`, { cause })
}

const HELLO = Buffer.from(
  '160301002f0100002b0303000000000000000000000000000000000000000000000000000000000000000000000213010100' +
    '0000',
  'hex',
)
const EXPOSITION = Buffer.from(
  '# TYPE a counter\na{b="c\\"d",e="f"} 1 1700000000000\na_bucket{le="+Inf"} 2e3\nb NaN\n# EOF\n',
)

/** Readers of other bytes: none may throw, and what the first bytes decided, more of them must not undo. */
function tryOtherReaders(bytes: Buffer, random: () => number): void {
  const header = encodeTransportHeader({
    port: 1 + below(random, 65_535),
    name: '',
    sessionProtocol: 'http1',
  })
  for (const start of [bytes, header, HELLO, EXPOSITION]) {
    const changed = Buffer.from(start)
    for (let i = below(random, 4); i > 0; i--) changed[below(random, changed.length)] = below(random, 256)
    const part = changed.subarray(0, below(random, changed.length + 1))
    readExposition(changed)
    expectDecided('transport header', parseTransportHeader(part), parseTransportHeader(changed), 'incomplete')
    const hello = parseClientHello(part)
    expectDecided('client hello', hello, parseClientHello(changed), 'incomplete')
    const http = detectHttp(part)
    // What is no HTTP may turn out to name it: that is watched for.
    if (http !== null && http !== 'not-http' && http !== detectHttp(changed))
      throw new Error(`detectHttp() undid ${http}`)
  }
}

function expectDecided<T extends { readonly kind: string }>(
  what: string,
  part: T,
  whole: T,
  undecided: string,
): void {
  if (part.kind !== undecided && part.kind !== whole.kind) {
    throw new Error(`${what}: ${part.kind} became ${whole.kind} with more bytes`)
  }
}
