import { describe, expect, test } from 'vitest'
import { testInstance } from '#lib/resources/test-state.ts'
import { outboundDoors } from './outbound-doors.ts'

const asking = (text: string) =>
  testInstance('catalog-0', 'catalog', '127.18.0.4', {
    annotations: { 'config.meshscope.io/outbound-listen': text },
  })

describe('outboundDoors()', () => {
  test('reads a port and where it leads, several by commas, and none from a pod that asks for none', () => {
    expect(outboundDoors(asking('6379=cache.shop:6379, 5432=db.shop.svc.cluster.local:15432'))).toEqual([
      { port: 6379, service: 'cache.shop', destination: 'cache.shop:6379' },
      { port: 5432, service: 'db.shop.svc.cluster.local', destination: 'db.shop.svc.cluster.local:15432' },
    ])
    expect(outboundDoors(testInstance('web-0', 'web', '127.18.0.3'))).toEqual([])
  })

  test.each(['cache.shop:6379', '6379=cache.shop', '=cache.shop:1', '6379=:1'])('refuses %s', text => {
    expect(() => outboundDoors(asking(text))).toThrow(
      `Cannot give shop/catalog-0 a door: expected <port>=<service>:<port>, got ${JSON.stringify(text)}`,
    )
  })
})
