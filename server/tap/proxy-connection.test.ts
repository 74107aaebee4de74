import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { testInstance } from '#lib/resources/test-state.ts'
import { failureText } from './failure-text.ts'
import { connectToProxy, type TapCertificate } from './proxy-connection.ts'
import { TestTaps } from './test-tap.ts'

const host = '127.77.31.9'
const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

/** An authority of its own, and proxies that show its certificates. */
async function authority(): Promise<TestTaps> {
  const taps = await TestTaps.open()
  opened.push({ close: () => taps.remove() }, { close: () => taps.closeAll() })
  return taps
}

function instanceAt(port: number): Instance {
  const proxyPorts = { inbound: 4143, outbound: 4140, control: port, admin: 4191 }
  return testInstance('web-0', 'web', host, { proxyPorts })
}

/** Why the first tap of a proxy fails. */
async function failureAt(port: number, certificate: TapCertificate, timeoutMs?: number): Promise<string> {
  const instance = instanceAt(port)
  try {
    const connection = await connectToProxy(instance, certificate, timeoutMs)
    opened.push(connection)
    for await (const _ of connection.observe({ limit: 1 }, new AbortController().signal)) break
    return 'it was tapped'
  } catch (error) {
    return failureText(error, instance)
  }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('connectToProxy() says what went wrong and what helps, when a proxy does not let itself be tapped', async () => {
  const taps = await authority()
  const tap = await taps.certificate('tap', 'linkerd-viz')
  const foreign = await authority()

  const [other, own] = [await taps.proxy(host, 0, 'imposter'), await foreign.proxy(host, 0, 'web')]
  expect(await failureAt(other.port, tap)).toMatch(/proved another identity: expected web\.shop.*imposter/)
  expect(await failureAt(own.port, tap)).toMatch(/do not vouch for.*start it again with those of this mesh/)

  const refusing = await taps.proxy(host, 0, 'web')
  const stranger = {
    ...(await foreign.certificate('tap', 'linkerd-viz')),
    trustAnchorsPem: tap.trustAnchorsPem,
  }
  expect(await failureAt(refusing.port, stranger)).toMatch(/does not trust|refuses this server's certificate/)

  await refusing.close()
  expect(await failureAt(refusing.port, tap)).toMatch(/^Nothing listens at/)
})

test('connectToProxy() gives up, when a proxy accepts and says nothing', async () => {
  const tap = await (await authority()).certificate('tap', 'linkerd-viz')
  const silent = createServer()
  opened.push({ close: () => silent.close() })
  silent.on('connection', socket => opened.push({ close: () => socket.destroy() }))
  expect(await failureAt(await listening(silent), tap, 50)).toMatch(
    /did not end the TLS handshake within 50 ms/,
  )
})
