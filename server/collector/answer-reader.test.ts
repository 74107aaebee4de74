import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AnswerReader, UnreadableAnswer } from './answer-reader.ts'
import { BodyBuffers } from './body-buffers.ts'

const buffers = new BodyBuffers()

/** A reader that was given these pieces, one after the other, and whether it took the last for the end. */
function read(pieces: readonly Buffer[], maxBodyBytes = 1_000_000, maxSeries = 1_000_000) {
  const reader = new AnswerReader(buffers, 0, { maxBodyBytes, maxSeries })
  let isWhole = false
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const copied = piece.copy(reader.space(), 0, at)
      isWhole = reader.took(copied)
      at += copied
    }
  }
  return { reader, isWhole }
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map(place => place % bytes.length).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

const bodies = fc.uint8Array({ maxLength: 80_000 }).map(bytes => Buffer.from(bytes))
const cuts = fc.array(fc.nat(), { maxLength: 8 })

function chunked(body: Buffer, sizeBytes: number, trailers: string): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += sizeBytes) {
    const part = body.subarray(at, at + sizeBytes)
    parts.push(Buffer.from(`${part.length.toString(16)};x=y\r\n`), part, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailers}\r\n`)])
}

describe('AnswerReader', () => {
  test('gives the same body, however the answer is framed and cut', () => {
    fc.assert(
      fc.property(bodies, cuts, fc.integer({ min: 1, max: 30_000 }), (body, at, sizeBytes) => {
        const framed = [
          [`content-length: ${body.length}`, body],
          ['Transfer-Encoding: chunked', chunked(body, sizeBytes, '')],
          ['transfer-encoding: chunked', chunked(body, sizeBytes, 'expires: 0\r\n')],
        ] as const
        for (const [header, bytes] of framed) {
          const head = Buffer.from(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n${header}\r\n\r\n`)
          const { reader, isWhole } = read(cut(Buffer.concat([head, bytes]), at))
          expect(isWhole).toBe(true)
          expect(reader).toMatchObject({ status: 200, isKept: true })
          expect(reader.body.equals(body)).toBe(true)
          buffers.give(reader.memory)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('is whole only with its last byte, or with the end of a connection that says no length', () => {
    const text = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\na 1\r\n0\r\nx: y\r\n\r\n'
    for (let length = 1; length < text.length; length++) {
      const { reader, isWhole } = read([Buffer.from(text.slice(0, length))])
      expect([isWhole, reader.ended()]).toEqual([false, false])
    }
    const { reader, isWhole } = read([Buffer.from('HTTP/1.0 200 OK\r\n\r\na 1\n')])
    expect([isWhole, reader.ended(), reader.isKept]).toEqual([false, true, false])
    expect(reader.body.toString()).toBe('a 1\n')
  })

  test('keeps no connection that says more than the answer, or that it closes', () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n'
    expect(read([Buffer.from(`${head}\r\nab`)]).reader).toMatchObject({ isKept: false })
    expect(read([Buffer.from(`${head}\r\nab`)]).reader.body.toString()).toBe('a')
    expect(read([Buffer.from(`${head}connection: Close\r\n\r\na`)]).reader).toMatchObject({ isKept: false })
  })

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
    ['another coding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n'],
    ['a size that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`],
    ['a size without an end', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1${' '.repeat(2_000)}`],
    ['a body over the limit', `HTTP/1.1 200 OK\r\n\r\n${'a'.repeat(101)}`],
    ['a chunk over the limit', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n66\r\n'],
  ])('refuses %s', (_, text) => {
    expect(() => read([Buffer.from(text)], 100)).toThrow(UnreadableAnswer)
  })
})

test('took() reads no further, when there are far more lines than series may be', () => {
  const text = `HTTP/1.1 200 OK\r\n\r\n${'response_total{l="1"} 1\n'.repeat(40_000)}`
  const pieces = cut(Buffer.from(text), [200_000, 400_000, 600_000])
  expect(() => read(pieces, text.length, 5_000)).toThrow('expected at most 5000 series, got more')
  expect(read(pieces, text.length, 40_000).reader.body.length).toBe(text.length - 19)
})

test('BodyBuffers gives memory again, and holds on to 64 MiB of it at most', () => {
  const pool = new BodyBuffers()
  const small = pool.take(1)
  const large = pool.take(100_000)
  pool.give(large)
  pool.give(small)
  expect(pool.take(20_000) === large).toBe(true)
  expect(pool.take(20_000) === small).toBe(false)
  expect(pool.take(10) === small).toBe(true)
  const halves = [pool.take(40 * 1_024 * 1_024), pool.take(40 * 1_024 * 1_024)]
  for (const half of halves) pool.give(half)
  expect([pool.take(1), pool.take(1)].filter(taken => halves.includes(taken))).toHaveLength(1)
})
