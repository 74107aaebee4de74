import { create } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import { expect, test } from 'vitest'
import {
  type Http2ClientParamsSchema,
  WeightedAddrSetSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { endpointsFromProto } from './endpoint-from-proto.ts'

type Params = NonNullable<Parameters<typeof create<typeof Http2ClientParamsSchema>>[1]>

function settingsOf(http2?: Params) {
  const addr = { ip: { ip: { case: 'ipv4' as const, value: 0x7f000001 } }, port: 80 }
  const set = create(WeightedAddrSetSchema, { addrs: [{ addr, ...(http2 !== undefined && { http2 }) }] })
  return endpointsFromProto(set)[0]?.http2Settings
}

test('endpointsFromProto() reads how HTTP/2 connections are kept, within what HTTP/2 allows', () => {
  expect(settingsOf()).toBeUndefined()
  expect(
    settingsOf({ flowControl: { initialStreamWindowSize: 0 }, internals: { maxFrameSize: 100 } }),
  ).toEqual({})
  const keepAlive = { interval: durationFromMs(10_000), timeout: durationFromMs(3000), whileIdle: true }
  const flowControl = { initialStreamWindowSize: 70_000, initialConnectionWindowSize: 4_000_000_000 }
  expect(settingsOf({ keepAlive, flowControl, internals: { maxFrameSize: 32_768 } })).toEqual({
    streamWindowBytes: 70_000,
    connectionWindowBytes: 2 ** 31 - 1,
    maxFrameBytes: 32_768,
    keepAlive: { intervalMs: 10_000, timeoutMs: 3000, whileIdle: true },
  })
  expect(settingsOf({ keepAlive: { interval: durationFromMs(10_000) } })).toEqual({})
})
