import fc from 'fast-check'
import { expect, test } from 'vitest'
import { identityName, parseIdentityName, tapIdentity } from './identity-name.ts'

test('identityName() spells an identity as Linkerd does', () => {
  expect(
    identityName({
      serviceAccount: 'web',
      namespace: 'shop',
      controlPlaneNamespace: 'linkerd',
      trustDomain: 'cluster.local',
    }),
  ).toBe('web.shop.serviceaccount.identity.linkerd.cluster.local')
})

test('parseIdentityName() reads back what identityName() wrote, and nothing else', () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
  fc.assert(
    fc.property(label, label, label, (account, namespace, controlPlaneNamespace) => {
      const serviceAccount = `${account}.x`
      const name = identityName({
        serviceAccount,
        namespace,
        controlPlaneNamespace,
        trustDomain: 'cluster.local',
      })
      expect(parseIdentityName(name)).toEqual({ serviceAccount, namespace })
    }),
  )
  expect(parseIdentityName('web.shop.svc.cluster.local')).toBeUndefined()
})

test('tapIdentity() names who may tap as Linkerd viz is named', () => {
  const tap = tapIdentity({ controlPlaneNamespace: 'linkerd', trustDomain: 'example.org' })
  expect(tap).toBe('tap.linkerd-viz.serviceaccount.identity.linkerd.example.org')
})
