import { create } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { IPAddressSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/net_pb.ts'
import { ipText } from './ip-text.ts'

test('ipText() gives dotted numbers, when it is IPv4', () => {
  expect(ipText(create(IPAddressSchema, { ip: { case: 'ipv4', value: 0xff120001 } }))).toBe('255.18.0.1')
  expect(ipText(create(IPAddressSchema))).toBeNull()
})

test.each([
  [0n, 1n, '::1'],
  [0n, 0n, '::'],
  [0x2001_0db8_0000_0000n, 0x0000_0001_0000_0001n, '2001:db8::1:0:1'],
  [0x2001_0db8_0000_0001n, 0x0001_0001_0001_0001n, '2001:db8:0:1:1:1:1:1'],
  [0xfe80_0000_0000_0000n, 0n, 'fe80::'],
])('ipText() gives the shortest form, when it is IPv6 (%#)', (first, last, text) => {
  expect(ipText(create(IPAddressSchema, { ip: { case: 'ipv6', value: { first, last } } }))).toBe(text)
})
