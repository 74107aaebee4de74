import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

export type Encoding = 'br' | 'gzip'

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

/** The encoding to answer with: brotli before gzip; `null` when the client takes neither. */
export function chooseEncoding(acceptEncoding: string | string[] | undefined): Encoding | null {
  const accepted = new Set<string>()
  for (const part of String(acceptEncoding ?? '').split(',')) {
    const [name = '', ...params] = part.split(';').map(text => text.trim().toLowerCase())
    const isRefused = params.some(param => /^q=0(\.0*)?$/.test(param))
    if (!isRefused) accepted.add(name)
  }
  if (accepted.has('br')) return 'br'
  return accepted.has('gzip') || accepted.has('*') ? 'gzip' : null
}

/** How much time compressing may take: a body that is kept is worth more of it than one that is waited for. */
export type Effort = 'kept' | 'quick'

/** Of an answer of 400 kB, quick takes a quarter of the time and makes a tenth more. */
const levels = { kept: { gzip: 5, br: 4 }, quick: { gzip: 1, br: 1 } } as const

/** The body in an encoding. */
export function compress(body: Buffer, encoding: Encoding, effort: Effort): Promise<Buffer> {
  const level = levels[effort][encoding]
  if (encoding === 'gzip') return compressGzip(body, { level })
  return compressBrotli(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: level,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  })
}
