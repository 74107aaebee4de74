import { Buffer } from 'node:buffer'
import { create } from '@bufbuild/protobuf'
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { afterEach, expect, test } from 'vitest'
import { Destination, UpdateSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { Identity } from '#lib/mesh-api/gen/io/linkerd/proxy/identity_pb.ts'
import { testTelemetry } from '#proxy/accept/test-proxy.ts'
import { Cleanup } from '#proxy/accept/test-sockets.ts'
import { createControlChannel } from './control-channel.ts'
import { startTestServer } from './test-server.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

test('calls of the control plane are counted by address, with what became of them', async () => {
  const server = cleanup.add(
    await startTestServer(router => {
      router.service(Identity, {
        certify: ({ identity }) => {
          if (identity === 'nobody') throw new ConnectError('who?', Code.Unavailable)
          return {}
        },
      })
      router.service(Destination, {
        async *get() {
          yield create(UpdateSchema, {})
        },
      })
    }),
    one => one.close(),
  )
  const telemetry = testTelemetry()
  const channel = createControlChannel(server.address, () => null, telemetry.control(server.address))
  cleanup.add(channel, one => one.close())
  const identity = createClient(Identity, channel.transport())
  await identity.certify({ identity: 'web' })
  await expect(identity.certify({ identity: 'nobody' })).rejects.toThrow('who?')
  for await (const update of createClient(Destination, channel.transport()).get({})) {
    expect(update.$typeName).toBe('io.linkerd.proxy.destination.Update')
  }
  await server.close()
  await expect(identity.certify({ identity: 'web' })).rejects.toThrow()
  const text = Buffer.from(telemetry.render()).toString()
  const of = `addr="127.0.0.1:${server.address.port}",tls="no_identity",no_tls_reason="loopback"`
  const end = (status: number, classification: string, code: string, error: string) =>
    `control_response_total{${of},status_code="${status}",classification="${classification}",grpc_status="${code}",error="${error}"}`
  expect(text).toContain(`control_request_total{${of}} 4\n`)
  expect(text).toContain(`${end(200, 'success', '0', '')} 2\n`)
  expect(text).toContain(`${end(200, 'failure', '14', '')} 1\n`)
  expect(text).toContain(`${end(502, 'failure', '', 'i/o')} 1\n`)
  expect(text).toContain(`control_response_latency_ms_count{${of},status_code="200"} 3\n`)
})
