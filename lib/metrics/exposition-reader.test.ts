import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxLineBytes, readExposition } from './exposition-reader.ts'
import { decodeUtf8 } from './utf8.ts'

const encoder = new TextEncoder()
function read(text: string) {
  const { samples, problems, problemCount } = readExposition(encoder.encode(text))
  const flat = samples.map(({ series, value }) => [series.name, Object.fromEntries(series.labels), value])
  return { samples: flat, problems, problemCount }
}
const samplesOf = (text: string) => {
  const { samples, problems } = read(text)
  expect(problems).toEqual([])
  return samples
}

const bothFormats = `# HELP response_total Total count of HTTP responses.
# TYPE response_total counter
response_total{direction="inbound",target_port="8080",tls="true",client_id="a.b",status_code="200"} 12

# HELP response_latency_ms Elapsed times.
# TYPE response_latency_ms histogram
response_latency_ms_bucket{direction="inbound",le="1"} 3
response_latency_ms_bucket{direction="inbound",le="+Inf"} 4
response_latency_ms_count{direction="inbound"} 4
response_latency_ms_sum{direction="inbound"} 17
# HELP process_start_time_seconds Time that the process started.
# TYPE process_start_time_seconds gauge
# UNIT process_start_time_seconds seconds
process_start_time_seconds 1704500155.5
# EOF
`

test('readExposition() reads both formats, one after the other', () => {
  const expected = [
    [
      'response_total',
      { direction: 'inbound', target_port: '8080', tls: 'true', client_id: 'a.b', status_code: '200' },
      12,
    ],
    ['response_latency_ms_bucket', { direction: 'inbound', le: '1' }, 3],
    ['response_latency_ms_bucket', { direction: 'inbound', le: '+Inf' }, 4],
    ['response_latency_ms_count', { direction: 'inbound' }, 4],
    ['response_latency_ms_sum', { direction: 'inbound' }, 17],
    ['process_start_time_seconds', {}, 1_704_500_155.5],
  ]
  expect(samplesOf(bothFormats)).toEqual(expected)
  expect(samplesOf(bothFormats.replaceAll('\n', '\r\n'))).toEqual(expected)
})

test('readExposition() unescapes quotes, backslashes and newlines in label values', () => {
  expect(samplesOf('a{b="say \\"hi\\", C:\\\\dir\\nnext {=}",c="ü→😀"} 1\n')).toEqual([
    ['a', { b: 'say "hi", C:\\dir\nnext {=}', c: 'ü→😀' }, 1],
  ])
})

test('readExposition() passes over timestamps, exemplars and blanks, and reads every kind of number', () => {
  const text = [
    'a 1 1772359200000',
    'a{x="1"} 2 # {trace_id="f00"} 0.5 1772359200.5',
    '  a { x = "2" , } 3 ',
    'a NaN',
    'a +Inf',
    'a -Inf',
    'a 1e3',
    'a -0.25',
    'a 12345678901234567000',
    'a{} 7',
  ].join('\n')
  expect(samplesOf(text).map(sample => sample[2])).toEqual([
    1,
    2,
    3,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    1_000,
    -0.25,
    12_345_678_901_234_567_000,
    7,
  ])
})

test('readExposition() reports a garbage line with its number, and reads on', () => {
  const { samples, problems } = read('a 1\n<html>\nb{c="d} 2\ne{f="g"\nh\ni 0x10\nj{k="1",k="2"} 1\nz 9\n')
  expect(samples.map(sample => sample[0])).toEqual(['a', 'z'])
  expect(problems.map(problem => problem.line)).toEqual([2, 3, 4, 5, 6, 7])
  expect(problems[0]?.message).toBe('expected a metric name, got "<html>"')
  expect(problems[1]?.message).toBe('expected a closing quote of label c, got the end of the line')
  expect(problems[3]?.message).toBe('expected a value after h, got nothing')
})

test('readExposition() bounds what it reports and the length of a line', () => {
  const { problems, problemCount } = read(`${'?\n'.repeat(500)}a{b="${'x'.repeat(maxLineBytes)}"} 1\n`)
  expect(problems).toHaveLength(100)
  expect(problemCount).toBe(501)
})

test('readExposition() never throws, whatever the bytes', () => {
  const line = fc.stringMatching(/^[a-c{}=",\\0-9 #\n.+]*$/)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), bytes => readExposition(bytes).problemCount >= 0))
  fc.assert(fc.property(line, text => readExposition(encoder.encode(text)).problemCount >= 0))
})

test('readExposition() reads back whatever label values were escaped', () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 })
  fc.assert(
    fc.property(text, fc.nat(), (value, count) => {
      const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
      expect(samplesOf(`m{a="${escaped}",le="1"} ${count}\n`)).toEqual([['m', { a: value, le: '1' }, count]])
    }),
  )
})

test('decodeUtf8() agrees with the platform on valid text, and replaces what is broken', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const bytes = encoder.encode(text)
      expect(decodeUtf8(bytes, 0, bytes.length)).toBe(text)
    }),
  )
  const broken = Uint8Array.of(0x61, 0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xe2, 0x82)
  expect(decodeUtf8(broken, 0, broken.length)).toBe(`a${'\ufffd'.repeat(8)}`)
})
