import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HeaderBlock } from '#proxy/http/header-block.ts'
import { ChunkScanner } from './chunk-scanner.ts'

/** Scans pieces, and collects what is to be passed on. */
function scan(pieces: readonly string[], keepFraming: boolean) {
  const scanner = new ChunkScanner(new HeaderBlock(), 4096)
  scanner.reset()
  let passed = ''
  let rest = ''
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1')
    let at = 0
    while (at < bytes.length && !scanner.isDone) {
      at = scanner.scan(bytes, at, bytes.length, keepFraming)
      if (scanner.fault !== null) return { fault: scanner.fault, passed, rest, trailer: null }
      passed += scanner.carried.toString('latin1')
      passed += bytes.toString('latin1', scanner.dataStart, scanner.dataEnd)
    }
    if (scanner.isDone) rest += bytes.toString('latin1', at)
  }
  return {
    fault: scanner.isDone ? null : 'incomplete',
    passed,
    rest,
    trailer: scanner.trailers?.get('x-sum') ?? null,
  }
}

const BODY = '5\r\nhello\r\n6;ext="v"\r\n world\r\n000\r\nX-Sum: 11\r\n\r\n'

describe('ChunkScanner', () => {
  test('scan() gives the data alone, wherever reads cut the body', () => {
    for (let at = 0; at <= BODY.length; at++) {
      const { passed, rest, trailer, fault } = scan([BODY.slice(0, at), `${BODY.slice(at)}GET`], false)
      expect(fault).toBeNull()
      expect(passed).toBe('hello world')
      expect(trailer).toBe('11')
      expect(rest).toBe('GET')
    }
  })

  test('scan() with framing kept gives chunks that hold the same data, without the last one', () => {
    for (let at = 0; at <= BODY.length; at++) {
      const { passed, fault } = scan([BODY.slice(0, at), BODY.slice(at)], true)
      expect(fault).toBeNull()
      expect(scan([`${passed}0\r\n\r\n`], false).passed).toBe('hello world')
    }
    expect(scan([BODY], true).passed).toBe('5\r\nhello\r\n6;ext="v"\r\n world\r\n')
    expect(scan([...BODY], true).fault).toBeNull()
  })

  test('scan() gives back any data in any chunks under any cuts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 30 }), { maxLength: 6 }),
        fc.array(fc.nat(200), { maxLength: 6 }),
        fc.boolean(),
        (chunks, cuts, keepFraming) => {
          const wire = `${chunks.map(chunk => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`
          const ends = [...new Set([0, ...cuts.map(cut => Math.min(cut, wire.length)), wire.length])].sort(
            (a, b) => a - b,
          )
          const pieces = ends.slice(1).map((end, i) => wire.slice(ends[i], end))
          const { passed, fault } = scan(pieces, keepFraming)
          expect(fault).toBeNull()
          const data = keepFraming ? scan([`${passed}0\r\n\r\n`], false).passed : passed
          expect(data).toBe(chunks.join(''))
        },
      ),
    )
  })

  test.each([
    ['invalid chunk size', 'g\r\n'],
    ['invalid chunk size', '\r\n'],
    ['invalid chunk size', '-1\r\n'],
    ['invalid chunk size', '0x5\r\nhello\r\n'],
    ['invalid chunk size', ' 5\r\nhello\r\n'],
    ['invalid chunk size', 'fffffffffffffff\r\n'],
    ['invalid chunk size', 'ffffffffffffff\r\n'],
    ['invalid chunk size', `5;${'x'.repeat(1100)}\r\n`],
    ['invalid chunk size', '5 \r\nhello\r\n'],
    ['invalid chunk size', '5 6\r\nhello\r\n'],
    ['invalid chunk size', '5 abc\r\nhello\r\n'],
    ['invalid chunk size', '5\t;x\r\nhello\r\n'],
    ['invalid chunk size', '5 ;a=b\r\nhello\r\n'],
    ['bare LF', '5\nhello\r\n'],
    ['bare LF', '5;a\nhello\r\n'],
    ['bare CR', '5\rhello\r\n'],
    ['invalid chunk', '5\r\nhelloX\r\n'],
    ['invalid chunk', '5\r\nhello\n'],
    ['invalid chunk', '5\r\nhello\rX'],
    ['invalid header name', '0\r\nbad trailer\r\n\r\n'],
    ['bare LF', '0\r\n\n'],
  ])('scan() refuses: %s in %j', (expected, body) => {
    expect(scan([body], false).fault).toBe(expected)
    expect(scan([...body], true).fault).toBe(expected)
  })
})
