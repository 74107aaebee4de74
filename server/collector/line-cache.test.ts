import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readExposition } from '#lib/metrics/exposition-reader.ts'
import type { Series } from '#lib/metrics/sample-line.ts'
import { LineCache } from './line-cache.ts'
import { NoExpositionError } from './line-reading.ts'
import { allAtOnce } from './pieces.ts'
import type { TrackedSeries } from './tracked-series.ts'

/** Follows every series whose name does not begin with `x`, and holds what the cache said of it. */
function follower() {
  const names = new Map<TrackedSeries, string>()
  const track = ({ name, labels }: Series) => {
    if (name.startsWith('x')) return null
    const tracked: TrackedSeries = {
      meaning: { kind: 'processStart' },
      cell: null,
      histogram: null,
      base: 0,
      value: Number.NaN,
      isShown: true,
    }
    names.set(tracked, `${name}${labels.get('l') ?? ''}`)
    return tracked
  }
  const cache = new LineCache({
    track: (_, parse) => track(parse()),
    onValue: (tracked, value) => {
      tracked.value = value ?? Number.NaN
    },
  })
  return (text: string) => {
    const report = allAtOnce(cache.read(Buffer.from(text)))
    const values = [...cache.tracked()].map(tracked => [names.get(tracked)!, tracked.value] as const)
    const absent = report.absent.map(([tracked]) => names.get(tracked)!)
    return { report, values, absent }
  }
}

const series = fc.tuple(fc.constantFrom('a', 'aa', 'b', 'x'), fc.nat(12))
const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({ series, value: fc.nat(120) })
      .map(({ series: [name, l], value }) => `${name}{l="${l}"} ${value}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('# HELP a b', '', 'garbage{', 'more garbage') },
)
/** Expositions that follow one another: lines stay, change their value, come, leave and move. */
const expositions = fc.array(fc.array(line, { maxLength: 40 }), { minLength: 1, maxLength: 8 })

function firstOfEach(lines: readonly string[]): string[] {
  const seen = new Set<string>()
  return lines.filter(each => {
    const key = each.replace(/ \d+$/, '')
    if (each.endsWith('{') || !each.includes('{') || !seen.has(key)) {
      seen.add(key)
      return true
    }
    return false
  })
}

test('read() says what a reading from scratch says, however lines change and move', () => {
  fc.assert(
    fc.property(expositions, fc.constantFrom('\n', '\r\n'), (bodies, newline) => {
      const read = follower()
      let before: readonly string[] = []
      for (const body of bodies) {
        const text = firstOfEach(body)
          .map(each => each + newline)
          .join('')
        const { report, values, absent } = read(text)
        const { samples, problemCount } = readExposition(Buffer.from(text))
        const followed = samples.filter(({ series: { name } }) => !name.startsWith('x'))
        expect(values).toEqual(
          followed.map(({ series: { name, labels }, value }) => [`${name}${labels.get('l')}`, value]),
        )
        expect(report).toMatchObject({ samples: samples.length, problemCount })
        const names = values.map(([name]) => name)
        expect(absent.toSorted()).toEqual(before.filter(name => !names.includes(name)).toSorted())
        before = names
      }
    }),
    { numRuns: 500 },
  )
})

test('read() reports lines that cannot be read each time, with the number of the first', () => {
  const read = follower()
  const text = 'a{l="1"} 1\n?\nb{l="1"} 1\n?\n'
  for (let i = 0; i < 3; i++) {
    expect(read(text).report).toMatchObject({
      problemCount: 2,
      firstProblem: 'line 2: expected a metric name, got "?"',
    })
  }
})

test('read() takes only the first of a series that is printed twice, also when it was there before', () => {
  const read = follower()
  expect(read('a{l="1"} 1\na{l="1"} 2\n')).toMatchObject({ report: { problemCount: 1 }, values: [['a1', 1]] })
  expect(read('a{l="1"} 3\na{l="1"} 4\n')).toMatchObject({ report: { problemCount: 1 }, values: [['a1', 3]] })
})

test('read() takes no series twice, when the lines moved', () => {
  const read = follower()
  read('a{l="1"} 1\nb{l="1"} 1\n')
  const { report, values } = read('b{l="1"} 2\na{l="1"} 2\nb{l="1"} 3\n')
  expect(report.firstProblem).toBe('line 3: expected each series once, got b with the same labels again')
  expect(values).toEqual([
    ['b1', 2],
    ['a1', 2],
  ])
})

test.each([
  [
    '{\n'.repeat(1_001),
    /^expected an exposition, got over 1000 unreadable lines in the first 1002: line 2: /,
  ],
  ['\n'.repeat(1_000_000), /^expected at most 1000000 lines, got more$/],
  ['# a\n'.repeat(1_000_000), /^expected at most 1000000 lines, got more$/],
])('read() refuses garbage, and goes on from the text before it', (garbage, message) => {
  const read = follower()
  read('a{l="1"} 1\nb{l="1"} 1\n')
  expect(() => read(`a{l="1"} 2\n${garbage}c{l="1"} 1\n`)).toThrow(message)
  expect(() => read(`a{l="1"} 2\n${garbage}c{l="1"} 1\n`)).toThrow(NoExpositionError)
  expect(read('a{l="1"} 3\n')).toMatchObject({ values: [['a1', 3]], absent: ['b1'] })
})

test('read() reads as many unreadable lines as an exposition may have', () => {
  expect(follower()('{\n'.repeat(1_000)).report.problemCount).toBe(1_000)
})

test('read() keeps what it knew, when a text has more series than it may', () => {
  const cache = new LineCache({ track: () => null, onValue: () => {} })
  const text = (count: number) =>
    Buffer.from(Array.from({ length: count }, (_, i) => `# HELP\na{l="${i}"} 1\n`).join(''))
  expect(allAtOnce(cache.read(text(5), 5)).samples).toBe(5)
  expect(() => allAtOnce(cache.read(text(6), 5))).toThrow('expected at most 5 series, got more')
  expect(allAtOnce(cache.read(text(4), 5)).samples).toBe(4)
})
