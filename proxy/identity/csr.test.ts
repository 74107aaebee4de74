import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createCsr, isCsrFor } from './csr.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** The request as OpenSSL reads it, its signature verified. */
function readBack(csr: Buffer): string {
  const options = ['req', '-inform', 'der', '-verify', '-noout', '-text']
  return execFileSync('openssl', options, { input: csr, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] })
}

test('createCsr() asks for one DNS name with no subject, signed with the key', () => {
  const name = 'web.shop.serviceaccount.identity.linkerd.cluster.local'
  const text = readBack(createCsr(privateKey, name))
  expect(text).toMatch(/Version: 1 \(0x0\)\s+Subject: *\n/)
  expect(text).toContain('ASN1 OID: prime256v1')
  expect(text).toMatch(new RegExp(`Subject Alternative Name: *\\n +DNS:${name}\\n`))
  expect(text).toContain('ecdsa-with-SHA256')
})

test('createCsr() takes names longer than one length byte can tell', () => {
  const name = Array.from({ length: 25 }, () => 'namespace').join('.')
  expect(readBack(createCsr(privateKey, name))).toContain(`DNS:${name}\n`)
})

test('isCsrFor() tells another key or name apart', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const csr = createCsr(privateKey, 'web.shop')
  expect(isCsrFor(csr, privateKey, 'web.shop')).toBe(true)
  expect(isCsrFor(csr, privateKey, 'web.shops')).toBe(false)
  expect(isCsrFor(csr, other, 'web.shop')).toBe(false)
})
