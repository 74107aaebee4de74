import { expect, test } from 'vitest'
import { ExpositionWriter, labelsText, valueText } from './exposition-writer.ts'

test('labelsText() escapes quotes, backslashes and line ends, and keeps the order', () => {
  expect(
    labelsText([
      ['b', 'say "hi"'],
      ['a', 'c:\\x\ny'],
    ]),
  ).toBe('b="say \\"hi\\"",a="c:\\\\x\\ny"')
})

test.each([
  [12, '12'],
  [0.25, '0.25'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [Number.NaN, 'NaN'],
])('valueText() of %d is %s', (value, text) => {
  expect(valueText(value)).toBe(text)
})

test('ExpositionWriter prints the Prometheus part, the OpenMetrics part and its end', () => {
  const writer = new ExpositionWriter()
  writer.family('request_total', 'counter', 'Requests,\nall of them')
  writer.sample('request_total', labelsText([['direction', 'inbound']]), 3)
  writer.family('latency_ms', 'histogram', 'Latency')
  writer.histogram('latency_ms', 'a="b"', [1, 2.5], [4, 0, 1], 60)
  writer.openMetricsFamily('cpu_seconds', 'counter', 'CPU time', 'seconds')
  writer.sample('cpu_seconds_total', '', 0.5)
  writer.end()
  expect(writer.text()).toBe(
    [
      '# HELP request_total Requests,\\nall of them',
      '# TYPE request_total counter',
      'request_total{direction="inbound"} 3',
      '# HELP latency_ms Latency',
      '# TYPE latency_ms histogram',
      'latency_ms_bucket{a="b",le="1"} 4',
      'latency_ms_bucket{a="b",le="2.5"} 4',
      'latency_ms_bucket{a="b",le="+Inf"} 5',
      'latency_ms_count{a="b"} 5',
      'latency_ms_sum{a="b"} 60',
      '# HELP cpu_seconds CPU time.',
      '# TYPE cpu_seconds counter',
      '# UNIT cpu_seconds seconds',
      'cpu_seconds_total 0.5',
      '# EOF',
      '',
    ].join('\n'),
  )
})
