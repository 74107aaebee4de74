import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseTarget } from './authority-name.ts'

describe('parseTarget()', () => {
  test.each([
    [
      'web.shop.svc.cluster.local:8080',
      { kind: 'service', namespace: 'shop', service: 'web', pod: null, port: 8080 },
    ],
    [
      'web.shop.svc.cluster.local',
      { kind: 'service', namespace: 'shop', service: 'web', pod: null, port: 80 },
    ],
    [
      'WEB.shop.svc.cluster.local.:80',
      { kind: 'service', namespace: 'shop', service: 'web', pod: null, port: 80 },
    ],
    [
      'c-0.c.shop.svc.cluster.local',
      { kind: 'service', namespace: 'shop', service: 'c', pod: 'c-0', port: 80 },
    ],
    ['127.18.0.2:80', { kind: 'address', ip: '127.18.0.2', port: 80 }],
    ['[::1]:80', { kind: 'address', ip: '::1', port: 80 }],
  ])('reads %s', (path, target) => {
    expect(parseTarget(path, 'cluster.local')).toEqual(target)
  })

  test.each([
    '',
    ':80',
    'web:80',
    'svc.cluster.local:80',
    'shop.svc.cluster.local:80',
    'a.b.c.d.svc.cluster.local',
    'web..svc.cluster.local',
    'web.shop.svc.cluster.local:0',
    'web.shop.svc.cluster.local:65536',
    'web.shop.svc.cluster.local:80:80',
    'web.shop.svc.other',
  ])('names nothing of the cluster by %j', path => {
    expect(parseTarget(path, 'cluster.local').kind).toBe('other')
  })

  test('never throws', () => {
    fc.assert(fc.property(fc.string(), path => parseTarget(path, 'cluster.local').kind.length > 0))
  })
})
