import { expect, test } from 'vitest'
import { Pieces, type Steps } from './pieces.ts'

const signal = new AbortController().signal

/** Work of so many milliseconds in steps of one. */
function* work(ms: number, onStep: () => void): Steps<number> {
  for (let i = 0; i < ms; i++) {
    const endMs = performance.now() + 1
    while (performance.now() < endMs);
    onStep()
    yield
  }
  return ms
}

test('run() does short work before anything else', async () => {
  let isOtherDone = false
  setImmediate(() => {
    isOtherDone = true
  })
  expect(
    await new Pieces().run(
      work(0, () => {}),
      signal,
    ),
  ).toBe(0)
  expect(isOtherDone).toBe(false)
})

test('run() lets other work in between, however much is to be done', async () => {
  const pieces = new Pieces()
  let steps = 0
  let longest = 0
  let turns = 0
  let before = 0
  const turn = () => {
    turns++
    longest = Math.max(longest, steps - before)
    before = steps
    immediate = setImmediate(turn)
  }
  let immediate = setImmediate(turn)
  const works = Array.from({ length: 5 }, () =>
    pieces.run(
      work(40, () => steps++),
      signal,
    ),
  )
  before = steps
  await Promise.all(works)
  clearImmediate(immediate)
  expect(steps).toBe(200)
  expect(turns).toBeGreaterThan(20)
  expect(longest).toBeLessThan(15)
})

test('run() stops between pieces, when it is aborted', async () => {
  const abort = new AbortController()
  let steps = 0
  const running = new Pieces().run(
    work(1_000, () => steps++),
    abort.signal,
  )
  abort.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
  expect(steps).toBeLessThan(20)
})

test('run() rejects with what the work throws', async () => {
  function* failing(): Steps<void> {
    yield
    throw new RangeError('no')
  }
  await expect(new Pieces().run(failing(), signal)).rejects.toThrow('no')
})
