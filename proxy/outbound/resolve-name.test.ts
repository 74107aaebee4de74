import { describe, expect, test } from 'vitest'
import { resolveName } from './resolve-name.ts'

const context = { namespace: 'web', clusterDomain: 'cluster.local' }

describe('resolveName()', () => {
  test.each([
    ['catalog', 'catalog.web.svc.cluster.local:80'],
    ['catalog:8080', 'catalog.web.svc.cluster.local:8080'],
    ['catalog.shop', 'catalog.shop.svc.cluster.local:80'],
    ['catalog.shop.svc', 'catalog.shop.svc.cluster.local:80'],
    ['catalog.shop.svc.cluster.local', 'catalog.shop.svc.cluster.local:80'],
    ['catalog.shop.svc.cluster.local.:81', 'catalog.shop.svc.cluster.local:81'],
    ['cache-0.cache.shop.svc.cluster.local', 'cache-0.cache.shop.svc.cluster.local:80'],
  ])('reads %s as a service', (authority, full) => {
    expect(resolveName(authority, context)).toMatchObject({ kind: 'service', authority: full })
  })

  test.each([
    ['10.0.0.1:81', '10.0.0.1', 81],
    ['[::1]:81', '::1', 81],
    ['www.example.com', 'www.example.com', 80],
    ['a.b.c.d.example.com:443', 'a.b.c.d.example.com', 443],
    ['catalog.svc.cluster.local', 'catalog.svc.cluster.local', 80],
  ])('reads %s as something outside', (authority, host, port) => {
    expect(resolveName(authority, context)).toEqual({ kind: 'external', host, port })
  })

  test.each(['', ':80', 'a:0', 'a:65536', 'a:b', 'a..b', '.', 'a/b', 'a b', 'a:80:80', '[::1'])(
    'refuses %j',
    authority => {
      expect(resolveName(authority, context).kind).toBe('invalid')
    },
  )
})
