import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { closeHttp, listen } from './http.ts'

test('listen() says which port is taken, when it was asked for, and goes on to the next, when not', async () => {
  const [first, other] = [createServer(), createServer()]
  const port = await listen(first, '127.0.0.1', 0, true)
  await expect(listen(other, '127.0.0.1', port, true)).rejects.toThrow(
    `Cannot listen on port ${port} of 127.0.0.1: it is taken`,
  )
  const found = await listen(other, '127.0.0.1', port, false)
  expect(found).toBeGreaterThan(port)
  await closeHttp(other)
  await closeHttp(other)
  await closeHttp(first)
})
