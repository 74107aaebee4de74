import { createHash } from 'node:crypto'
import { type ClientHttp2Stream, connect, constants } from 'node:http2'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { BODY_BYTES, pathOf, type Turn } from './load.ts'

const MESSAGES = 8

/** Turns of clients that share one HTTP/2 connection, by request and by gRPC stream; `close` ends it. */
export function http2Load(from: Instance): { readonly turn: Turn; readonly grpcTurn: Turn; close(): void } {
  const open = () => {
    const opened = connect(`http://${from.ip}:${from.proxyPorts.outbound}`)
    opened.on('error', () => {})
    return opened
  }
  let session = open()
  const connected = () => {
    if (session.closed || session.destroyed) session = open()
    return session
  }
  return {
    close: () => session.close(),
    turn: async (token, turn) => {
      const path = pathOf(turn)
      const body = path === '/sum' ? Buffer.alloc(BODY_BYTES, token) : Buffer.alloc(0)
      const stream = connected().request({
        ':authority': 'server',
        ':path': path,
        ':method': body.length > 0 ? 'POST' : 'GET',
        'x-token': token,
      })
      if (body.length > 0) stream.end(body)
      const sum = path === '/sum' ? ` ${createHash('sha256').update(body).digest('hex')}` : ''
      const answer = await read(stream, path === '/endless')
      expectAnswer(answer, token + sum)
      return path === '/endless' ? 'aborted' : 'answered'
    },
    grpcTurn: async (token, turn) => {
      const stream = connected().request({
        ':authority': 'server',
        ':path': '/soak.Echo/Stream',
        ':method': 'POST',
        'content-type': 'application/grpc',
        te: 'trailers',
      })
      const isLeft = turn % 8 === 7
      for (let i = 0; i < MESSAGES; i++) stream.write(frame(token))
      if (!isLeft) stream.end()
      const answer = await read(stream, isLeft)
      if (isLeft) return 'aborted'
      const expected = frame(token).toString('latin1').repeat(MESSAGES)
      expectAnswer(answer, expected)
      if (answer.grpcStatus !== '0') throw new Error(`expected grpc-status 0, got ${answer.grpcStatus}`)
      return 'answered'
    },
  }
}

/** One uncompressed message of gRPC. */
function frame(text: string): Buffer {
  const bytes = Buffer.alloc(5 + text.length)
  bytes.writeUInt32BE(text.length, 1)
  bytes.write(text, 5)
  return bytes
}

interface Answer {
  readonly status: number
  readonly why: string
  readonly text: string
  readonly grpcStatus: string
}

/** The whole answer; or, of a stream that is to be left, what its first bytes are. */
function read(stream: ClientHttp2Stream, isLeft: boolean): Promise<Answer> {
  return new Promise((done, fail) => {
    let status = 0
    let why = ''
    let text = ''
    let grpcStatus = ''
    const finish = () => done({ status, why, text, grpcStatus })
    stream.on('response', headers => {
      status = Number(headers[':status'])
      why = String(headers['l5d-proxy-error'] ?? '')
    })
    stream.on('trailers', trailers => {
      grpcStatus = String(trailers['grpc-status'])
    })
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (!isLeft) return
      stream.close(constants.NGHTTP2_CANCEL)
      finish()
    })
    stream.on('error', fail)
    stream.on('end', () => {
      if (isLeft) fail(new Error(`the stream ended with ${status} "${text}" ${why}`))
    })
    stream.on('close', () => {
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR) finish()
      else fail(new Error(`the stream was reset with code ${stream.rstCode} after ${status} "${text}"`))
    })
  })
}

function expectAnswer({ status, text, why }: Answer, expected: string): void {
  if (status !== 200 || text !== expected) {
    throw new Error(`expected 200 "${expected}", got ${status} "${text.slice(0, 100)}" ${why}`)
  }
}
