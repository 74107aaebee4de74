import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BodySink, type BodySource, CHUNKED } from './body.ts'
import { ReplayBody } from './replay-body.ts'

/** A body that the test lets come piece by piece; holds the rest back while its sink rests. */
class Pieces implements BodySource {
  readonly framing = CHUNKED
  isTouched = false
  payloadBytes = 0
  private sink: BodySink | null = null
  private isResting = false

  constructor(private readonly pieces: string[]) {}

  start(sink: BodySink): void {
    this.sink = sink
  }

  resume(): void {
    this.isResting = false
  }

  cancel(): void {
    this.sink = null
  }

  /** The next piece, or the end after the last one. Returns whether there is more to come. */
  step(): boolean {
    if (this.sink === null) return false
    if (this.isResting) return true
    const piece = this.pieces.shift()
    if (piece === undefined) {
      this.sink.end(null)
      this.sink = null
      return false
    }
    this.isResting = !this.sink.data(Buffer.from(piece))
    return true
  }
}

class Reader implements BodySink {
  text = ''
  isWhole = false

  constructor(private readonly takes: () => boolean) {}

  data(chunk: Buffer): boolean {
    this.text += chunk.toString()
    return this.takes()
  }

  flush(): void {}

  end(): void {
    this.isWhole = true
  }

  abort(): void {}
}

test('however a sink rests, and however often the body starts again, the last sink gets all of it in order', () => {
  const pieces = fc.array(fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('a', 'b', 'c') }), {
    maxLength: 8,
  })
  const course = fc.array(fc.constantFrom('step', 'step', 'resume', 'restart'), { maxLength: 30 })
  fc.assert(
    fc.property(pieces, course, fc.array(fc.boolean(), { maxLength: 20 }), (all, actions, rests) => {
      const source = new Pieces([...all])
      const body = new ReplayBody(source, 1000)
      const takes = (): boolean => rests.pop() ?? true
      let reader = new Reader(takes)
      body.start(reader, false)
      for (const action of actions) {
        if (action === 'step') source.step()
        else if (action === 'resume') body.resume()
        else {
          body.rewind()
          reader = new Reader(takes)
          body.start(reader, false)
        }
        expect(all.join('').startsWith(reader.text)).toBe(true)
      }
      for (let i = 0; i < 60 && !reader.isWhole; i++) {
        source.step()
        body.resume()
      }
      expect(reader).toMatchObject({ text: all.join(''), isWhole: true })
      expect(body.isWhole).toBe(true)
    }),
  )
})

test('a body larger than its limit passes on whole, and cannot be replayed', () => {
  const source = new Pieces(['aaaa', 'bbbb', 'cccc'])
  const body = new ReplayBody(source, 6)
  const reader = new Reader(() => true)
  body.start(reader, false)
  source.step()
  expect(body.canReplay).toBe(true)
  while (source.step());
  expect(reader).toMatchObject({ text: 'aaaabbbbcccc', isWhole: true })
  expect(body.canReplay).toBe(false)
})
