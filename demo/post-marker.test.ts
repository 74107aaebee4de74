import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { postMarker } from './post-marker.ts'

/** A server that answers with these statuses, the last one again and again; 0 closes the connection instead. */
async function serverOf(statuses: readonly number[]) {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString())
      const status = statuses[bodies.length - 1] ?? statuses.at(-1) ?? 200
      if (status === 0) request.socket.destroy()
      else response.writeHead(status).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, bodies, close: () => void server.close() }
}

test('postMarker() asks again until a server that was away takes it, for the moment it was told', async () => {
  const server = await serverOf([0, 503, 201])
  expect(await postMarker(server.url, { title: 'Rollout' }, 1)).toBe(true)
  expect(server.bodies).toHaveLength(3)
  expect(new Set(server.bodies).size).toBe(1)
  expect(JSON.parse(server.bodies[0]!)).toEqual({ title: 'Rollout', at: expect.any(String) })
  server.close()
})

test('postMarker() gives up, when the server refuses it or never takes it', async () => {
  const refusing = await serverOf([400])
  expect(await postMarker(refusing.url, { title: '' }, 1)).toBe(false)
  expect(refusing.bodies).toHaveLength(1)
  refusing.close()
  const away = await serverOf([503])
  expect(await postMarker(away.url, { title: 'Rollout' }, 1)).toBe(false)
  expect(away.bodies).toHaveLength(10)
  away.close()
})
