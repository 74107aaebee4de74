import { expect, test } from 'vitest'
import { ipMessage, tcpAddressMessage } from './ip-message.ts'

test('ipMessage() holds IPv4 as one number and IPv6 as two halves', () => {
  expect(ipMessage('10.0.0.1').ip).toEqual({ case: 'ipv4', value: 0x0a000001 })
  expect(ipMessage('255.0.0.1').ip).toEqual({ case: 'ipv4', value: 0xff000001 })
  expect(ipMessage('fd00::1').ip).toMatchObject({ case: 'ipv6', value: { first: 0xfdn << 56n, last: 1n } })
  expect(ipMessage('::ffff:10.0.0.1').ip.case).toBe('ipv4')
  expect(tcpAddressMessage('::1', 80).port).toBe(80)
})

test('ipMessage() throws for a text that is no address', () => {
  expect(() => ipMessage('banana')).toThrow('Cannot send address: expected an IP address, found banana')
})
