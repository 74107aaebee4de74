import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { captureBody } from './capture.ts'

async function fetchThrough(write: Parameters<typeof createServer>[1]): Promise<Response> {
  const server = createServer(write)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  try {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    return new Response(await response.arrayBuffer(), response)
  } finally {
    server.close()
  }
}

test('captureBody() hands over the whole body before the head is sent', async () => {
  const response = await fetchThrough((_, out) => {
    captureBody(out, body => {
      out.setHeader('x-size', body.length)
      out.end(body)
    })
    out.writeHead(201, { 'x-early': 'yes' })
    out.write('ab', 'latin1')
    out.write(Buffer.from('cd'), () => out.end('ef'))
  })
  expect([response.status, await response.text()]).toEqual([201, 'abcdef'])
  expect([response.headers.get('x-size'), response.headers.get('x-early')]).toEqual(['6', 'yes'])
})

test('captureBody() sends a body on as it comes, when it is too large to hold', async () => {
  const part = Buffer.alloc(5 * 1024 * 1024, 'x')
  let isFinished = false
  const response = await fetchThrough((_, out) => {
    captureBody(out, () => {
      isFinished = true
    })
    for (let i = 0; i < 5; i++) out.write(part)
    out.end('end')
  })
  const body = await response.text()
  expect(body).toHaveLength(5 * part.length + 3)
  expect(body.endsWith('xend')).toBe(true)
  expect(isFinished).toBe(false)
})
