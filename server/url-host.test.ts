import { expect, test } from 'vitest'
import { openHost } from './url-host.ts'

test.each([
  ['127.0.0.1', 'localhost'],
  ['localhost', 'localhost'],
  ['0.0.0.0', 'localhost'],
  ['::', 'localhost'],
  ['127.0.0.9', '127.0.0.9'],
  ['0:0::1', '[::1]'],
  ['Mesh.example', 'mesh.example'],
])('openHost() of %s is %s', (address, host) => {
  expect(openHost(address)).toBe(host)
})
