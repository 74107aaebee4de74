import { Buffer } from 'node:buffer'
import {
  type Client,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServiceError,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { afterEach, describe, expect, test } from 'vitest'
import { AUTHORITY, startPair } from '#proxy/accept/test-pair.ts'
import { testEndpoint } from '#proxy/accept/test-proxy.ts'
import { Cleanup, until } from '#proxy/accept/test-sockets.ts'
import { ECHO, grpcClient, startGrpcApp } from './test-grpc.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

type Unary = handleUnaryCall<Buffer, Buffer>
type Gather = handleClientStreamingCall<Buffer, Buffer>
type Scatter = handleServerStreamingCall<Buffer, Buffer>
type Chat = handleBidiStreamingCall<Buffer, Buffer>

async function start(implementation: UntypedServiceImplementation) {
  const pair = await startPair(cleanup, await startGrpcApp(cleanup, implementation))
  return { ...pair, client: grpcClient(cleanup, pair.outbound.address) }
}

interface UnaryResult {
  readonly error: ServiceError | null
  readonly answer: Buffer | undefined
}

function unary(client: Client, message: Buffer, options: { deadline?: number } = {}): Promise<UnaryResult> {
  const { path, requestDeserialize, requestSerialize } = ECHO.unary
  return new Promise(resolve => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      requestDeserialize,
      message,
      new Metadata(),
      options,
      (error, answer) => resolve({ error, answer }),
    )
  })
}

function responses(error: string, grpcStatus: number | '', classification: string) {
  return new RegExp(
    `^response_total\\{.*classification="${classification}",grpc_status="${grpcStatus}",error="${error}"\\} 1$`,
    'm',
  )
}

describe('a pair of proxies carries gRPC', () => {
  test('of one message each way, small and large', async () => {
    const echo: Unary = (call, done) => done(null, call.request)
    const { client, metrics } = await start({ unary: echo })
    for (const size of [0, 1, 5_000_000]) {
      const message = Buffer.alloc(size, 'x')
      const { answer, error } = await unary(client, message)
      expect(error).toBe(null)
      expect(answer?.equals(message)).toBe(true)
    }
    for (const side of [metrics.inbound(), metrics.outbound()]) {
      expect(side).toMatch(
        /^response_total\{.*status_code="200",classification="success",grpc_status="0",error=""\} 3$/m,
      )
    }
  })

  test('of streams from the client, from the server and both ways at a time', async () => {
    const gather: Gather = (call, done) => {
      let sum = 0
      call.on('data', chunk => {
        sum += (chunk as Buffer).length
      })
      call.on('end', () => done(null, Buffer.from(String(sum))))
    }
    const scatter: Scatter = call => {
      for (let i = 0; i < 100; i++) call.write(Buffer.from(String(i)))
      call.end()
    }
    const chat: Chat = call => {
      call.on('data', chunk => call.write(chunk))
      call.on('end', () => call.end())
    }
    const { client } = await start({ gather, scatter, chat })
    const { deserialize, serialize } = {
      deserialize: ECHO.chat.requestDeserialize,
      serialize: ECHO.chat.requestSerialize,
    }

    const gathered = new Promise<Buffer | undefined>((resolve, reject) => {
      const call = client.makeClientStreamRequest(
        ECHO.gather.path,
        serialize,
        deserialize,
        (error, answer) => (error === null ? resolve(answer) : reject(error)),
      )
      for (let i = 0; i < 100; i++) call.write(Buffer.alloc(1000))
      call.end()
    })
    expect(String(await gathered)).toBe('100000')

    const scattered: string[] = []
    const stream = client.makeServerStreamRequest(ECHO.scatter.path, serialize, deserialize, Buffer.alloc(0))
    for await (const chunk of stream) scattered.push(String(chunk))
    expect(scattered).toEqual(Array.from({ length: 100 }, (_, i) => String(i)))

    const call = client.makeBidiStreamRequest(ECHO.chat.path, serialize, deserialize)
    const said: string[] = []
    call.on('data', chunk => said.push(String(chunk)))
    for (const word of ['a', 'b', 'c']) {
      call.write(Buffer.from(word))
      await until(() => said.at(-1) === word, 'the echo')
    }
    call.end()
    await until(() => call.closed || call.readableEnded, 'the end')
    expect(said).toEqual(['a', 'b', 'c'])
  })

  test.each([
    [status.NOT_FOUND, 'success'],
    [status.UNAVAILABLE, 'failure'],
  ])('that ends with status %i, with or without messages before, as %s', async (code, classification) => {
    const fail: Unary = (_, done) => done({ code, details: 'no such book' })
    const scatter: Scatter = call => {
      call.write(Buffer.from('first'))
      call.emit('error', { code, details: 'broke' })
    }
    const { client, metrics } = await start({ unary: fail, scatter })
    const { error } = await unary(client, Buffer.from('x'))
    expect(error).toMatchObject({ code, details: 'no such book' })
    expect(metrics.outbound()).toMatch(responses('', code, classification))
    const { requestDeserialize, requestSerialize } = ECHO.scatter
    const stream = client.makeServerStreamRequest(
      ECHO.scatter.path,
      requestSerialize,
      requestDeserialize,
      Buffer.alloc(0),
    )
    const seen: unknown[] = []
    stream.on('data', chunk => seen.push(String(chunk)))
    const failure = await new Promise(resolve => stream.on('error', resolve))
    expect(failure).toMatchObject({ code, details: 'broke' })
    expect(seen).toEqual(['first'])
  })

  test('whose answer is whole before what the client has to say', async () => {
    const gather: Gather = (call, done) => void call.once('data', () => done(null, Buffer.from('enough')))
    const chat: Chat = call => {
      call.once('data', () => {
        call.write(Buffer.from('enough'))
        call.end()
      })
    }
    const { client, metrics } = await start({ gather, chat })
    const { requestDeserialize, requestSerialize } = ECHO.chat
    const gathered = await new Promise<Buffer | undefined>((resolve, reject) => {
      const call = client.makeClientStreamRequest(
        ECHO.gather.path,
        requestSerialize,
        requestDeserialize,
        (error, answer) => (error === null ? resolve(answer) : reject(error)),
      )
      call.write(Buffer.alloc(100))
    })
    expect(String(gathered)).toBe('enough')
    const chatted = await new Promise<unknown>(resolve => {
      const call = client.makeBidiStreamRequest(ECHO.chat.path, requestSerialize, requestDeserialize)
      call.on('data', () => {})
      call.on('status', resolve)
      call.write(Buffer.alloc(100))
    })
    expect(chatted).toMatchObject({ code: status.OK })
    for (const side of [metrics.inbound(), metrics.outbound()]) {
      expect(side).toMatch(/^response_total\{.*classification="success",grpc_status="0",error=""\} 2$/m)
      expect(side).not.toContain('classification="failure"')
    }
  })

  test('up to its deadline, which the server learns, and no longer', async () => {
    const seen = { timeout: '', isCancelled: false }
    const hang: Unary = call => {
      seen.timeout = String(call.metadata.get('grpc-timeout')) || String(call.getDeadline())
      call.on('cancelled', () => {
        seen.isCancelled = true
      })
    }
    const { client, metrics } = await start({ unary: hang })
    const { error } = await unary(client, Buffer.from('x'), { deadline: Date.now() + 200 })
    expect(error?.code).toBe(status.DEADLINE_EXCEEDED)
    expect(seen.timeout).not.toBe('Infinity')
    await until(() => seen.isCancelled, 'the server to learn of the end')
    await until(
      () =>
        responses('client closed', 0, 'failure').test(
          metrics.inbound().replace('grpc_status=""', 'grpc_status="0"'),
        ),
      'the count',
    )
  })

  test('until the client cancels, and then not at the server either', async () => {
    let cancelled = 0
    const chat: Chat = call => {
      call.write(Buffer.from('hello'))
      call.on('cancelled', () => {
        cancelled++
      })
    }
    const { client } = await start({ chat })
    const call = client.makeBidiStreamRequest(
      ECHO.chat.path,
      ECHO.chat.requestSerialize,
      ECHO.chat.requestDeserialize,
    )
    call.on('error', () => {})
    await new Promise(resolve => call.once('data', resolve))
    call.cancel()
    await until(() => cancelled === 1, 'the server to learn of it')
  })

  test('whole to a client that reads slowly', async () => {
    const scatter: Scatter = call => {
      for (let i = 0; i < 50; i++) call.write(Buffer.alloc(100_000))
      call.end()
    }
    const { client } = await start({ scatter })
    const { path, requestDeserialize, requestSerialize } = ECHO.scatter
    const none = Buffer.alloc(0)
    const stream = client.makeServerStreamRequest(path, requestSerialize, requestDeserialize, none)
    let received = 0
    for await (const chunk of stream) {
      received += (chunk as Buffer).length
      for (let turns = 0; turns < 10; turns++) await new Promise(resolve => setImmediate(resolve))
    }
    expect(received).toBe(5_000_000)
  })

  test('to all endpoints, call by call, though the client has one connection', async () => {
    const counts = [0, 0]
    const count =
      (index: number): Unary =>
      (call, done) => {
        counts[index] = (counts[index] ?? 0) + 1
        done(null, call.request)
      }
    const { client, discovery } = await start({ unary: count(0) })
    const ports = await Promise.all([0, 1].map(index => startGrpcApp(cleanup, { unary: count(index) })))
    const endpoints = ports.map(port => testEndpoint('127.0.0.1', port))
    discovery.set(AUTHORITY, { state: 'resolved', endpoints, routes: null, isOpaque: false })
    const calls = await Promise.all(Array.from({ length: 60 }, () => unary(client, Buffer.from('x'))))
    expect(calls.filter(({ error }) => error !== null)).toEqual([])
    expect(Math.min(...counts)).toBeGreaterThan(10)
  })

  test('and answers in its form when it has to', async () => {
    const { client, policies, metrics } = await start({})
    policies.set({ ...policies.forPort(1), authorizations: [] })
    const { error } = await unary(client, Buffer.from('x'))
    expect(error).toMatchObject({ code: status.PERMISSION_DENIED, details: 'client is not authorized' })
    expect(metrics.outbound()).toMatch(responses('', status.PERMISSION_DENIED, 'failure'))
  })
})
