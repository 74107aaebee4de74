import { expect, test } from 'vitest'
import { isLoopbackHost } from './loopback-host.ts'

test.each([
  ['127.0.0.1', true],
  ['127.18.0.3', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['localhost', true],
  ['localhost.', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.0.0.1.evil.example', false],
  ['server', false],
])('isLoopbackHost(%j) answers %j', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected)
})
