import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { createCsr, isCsrFor } from './csr.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** An ASN.1 value as it lies in the bytes: its tag, its content, and all of it. */
interface Value {
  readonly tag: number
  readonly content: Buffer
  readonly whole: Buffer
}

function readAll(bytes: Buffer): Value[] {
  const values: Value[] = []
  for (let at = 0; at < bytes.length; ) {
    const first = bytes.readUInt8(at + 1)
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes)
    const start = at + 2 + lengthBytes
    values.push({
      tag: bytes.readUInt8(at),
      content: bytes.subarray(start, start + length),
      whole: bytes.subarray(at, start + length),
    })
    at = start + length
  }
  return values
}

function inside(value: Value | undefined): Value[] {
  return readAll(value?.content ?? Buffer.alloc(0))
}

test.each([
  'web.shop.serviceaccount.identity.linkerd.cluster.local',
  Array.from({ length: 25 }, () => 'namespace').join('.'),
])('createCsr() asks for %s alone, with no subject, signed with the key', name => {
  const [csr, ...rest] = readAll(createCsr(privateKey, name))
  expect(rest).toEqual([])
  const [info, algorithm, signature] = inside(csr)
  const [version, subject, publicKey, attributes] = inside(info)
  expect([version?.whole.toString('hex'), subject?.whole.toString('hex')]).toEqual(['020100', '3000'])
  expect(publicKey?.whole.equals(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }))).toBe(
    true,
  )
  expect(algorithm?.content.toString('hex')).toBe('06082a8648ce3d040302')

  const [oid, values] = inside(inside(attributes)[0])
  expect([attributes?.tag, oid?.whole.toString('hex')]).toEqual([0xa0, '06092a864886f70d01090e'])
  const [extension, ...others] = inside(inside(values)[0])
  expect(others).toEqual([])
  const [extensionOid, octets] = inside(extension)
  expect(extensionOid?.whole.toString('hex')).toBe('0603551d11')
  const names = inside(inside(octets)[0])
  expect(names.map(({ tag, content }) => [tag, content.toString()])).toEqual([[0x82, name]])

  const signed = info?.whole ?? Buffer.alloc(0)
  expect(
    verify('sha256', signed, createPublicKey(privateKey), signature?.content.subarray(1) ?? signed),
  ).toBe(true)
})

test('isCsrFor() tells another key or name apart', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const csr = createCsr(privateKey, 'web.shop')
  expect(isCsrFor(csr, privateKey, 'web.shop')).toBe(true)
  expect(isCsrFor(csr, privateKey, 'web.shops')).toBe(false)
  expect(isCsrFor(csr, other, 'web.shop')).toBe(false)
})
