import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseIp } from './ip-address.ts'
import { networkContains, parseCidr } from './network.ts'

test.each([
  ['10.0.0.1', [10, 0, 0, 1]],
  ['::ffff:10.0.0.1', [10, 0, 0, 1]],
  ['::ffff:0a00:0001', [10, 0, 0, 1]],
  ['::1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ['fe80::1%eth0', [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
])('parseIp() reads %s', (text, bytes) => {
  expect([...(parseIp(text) ?? [])]).toEqual(bytes)
})

test.each([
  '',
  '10.0.0',
  '10.0.0.256',
  '010.0.0.1',
  '1:2:3',
  '::1::',
  '1:2:3:4:5:6:7:8:9',
  'g::',
  '1.2.3.4::',
])('parseIp() refuses "%s"', text => {
  expect(parseIp(text)).toBeNull()
})

test.each(['', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '::/129', 'shop/8', '::ffff:10.0.0.0/8'])(
  'parseCidr() throws on "%s", naming it',
  text => {
    expect(() => parseCidr(text)).toThrow(RangeError)
    expect(() => parseCidr(text)).toThrow(`"${text}"`)
  },
)

test('networkContains() compares an IPv4 address written as IPv6 as IPv4', () => {
  expect(networkContains({ cidr: '::ffff:10.0.0.0/104', except: [] }, parseIp('10.9.9.9'))).toBe(true)
  expect(networkContains({ cidr: '::/0', except: [] }, parseIp('::ffff:10.9.9.9'))).toBe(false)
})

test('networkContains() agrees with arithmetic on whole IPv4 numbers', () => {
  const number = fc.nat({ max: 0xffff_ffff })
  const dotted = (value: number) => [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')
  fc.assert(
    fc.property(number, number, fc.nat({ max: 32 }), (base, address, bits) => {
      const size = 2 ** (32 - bits)
      const expected = Math.floor(base / size) === Math.floor(address / size)
      const network = { cidr: `${dotted(base)}/${bits}`, except: [] }
      expect(networkContains(network, parseIp(dotted(address)))).toBe(expected)
    }),
  )
})
