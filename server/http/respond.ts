import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorCode, errorStatus } from '#lib/api/error-codes.ts'
import { chooseEncoding, compress, type Encoding } from './compress.ts'
import { dataPolicy } from './security-headers.ts'

const compressFromBytes = 1_024

/** Sends text, compressed when it is long and the client can; a HEAD request gets the same headers alone. */
export function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  contentType: string,
  text: string,
): Promise<void> {
  return send(request, response, status, contentType, new Body(text))
}

export function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  value: unknown,
): Promise<void> {
  return send(request, response, status, jsonType, new Body(jsonText(value)))
}

const answerBodies = new WeakMap<object, Body>()

/** Sends an answer that never changes; when it is sent again, nothing of that is done again. */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: object,
): Promise<void> {
  const body = answerBodies.get(answer) ?? new Body(jsonText(answer))
  answerBodies.set(answer, body)
  return send(request, response, 200, jsonType, body)
}

const jsonType = 'application/json; charset=utf-8'

function jsonText(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

/** A body that is compressed once for each encoding. */
class Body {
  readonly #plain: Buffer
  readonly #encoded = new Map<Encoding, Promise<Buffer>>()

  constructor(text: string) {
    this.#plain = Buffer.from(text)
  }

  /** How it is sent to a client that takes `acceptEncoding`; `null`: as it is. */
  encodingFor(acceptEncoding: string | string[] | undefined): Encoding | null {
    return this.#plain.length > compressFromBytes ? chooseEncoding(acceptEncoding) : null
  }

  bytes(encoding: Encoding | null): Promise<Buffer> | Buffer {
    if (encoding === null) return this.#plain
    const encoded = this.#encoded.get(encoding) ?? compress(this.#plain, encoding, 'quick')
    this.#encoded.set(encoding, encoded)
    return encoded
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  contentType: string,
  body: Body,
): Promise<void> {
  const encoding = body.encodingFor(request.headers['accept-encoding'])
  const bytes = await body.bytes(encoding)
  response.statusCode = status
  response.setHeader('content-type', contentType)
  response.setHeader('cache-control', 'no-store')
  response.setHeader('content-security-policy', dataPolicy)
  response.setHeader('vary', 'Accept-Encoding')
  if (encoding) response.setHeader('content-encoding', encoding)
  response.setHeader('content-length', bytes.length)
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** Sends the error that a code stands for, with its status. */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: { readonly code: ErrorCode; readonly message: string; readonly hint: string },
): Promise<void> {
  const { code, message, hint } = error
  return sendJson(request, response, errorStatus[code], { error: { code, message, hint } })
}
