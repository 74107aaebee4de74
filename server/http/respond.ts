import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorCode, errorStatus } from '#lib/api/error-codes.ts'
import { chooseEncoding, compress } from './compress.ts'
import { dataPolicy } from './security-headers.ts'

const compressFromBytes = 1_024

/** Sends text, compressed when it is long and the client can; a HEAD request gets the same headers alone. */
export async function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  contentType: string,
  text: string,
): Promise<void> {
  const plain = Buffer.from(text)
  const encoding =
    plain.length > compressFromBytes ? chooseEncoding(request.headers['accept-encoding']) : null
  const body = encoding ? await compress(plain, encoding) : plain
  response.statusCode = status
  response.setHeader('content-type', contentType)
  response.setHeader('cache-control', 'no-store')
  response.setHeader('content-security-policy', dataPolicy)
  response.setHeader('vary', 'Accept-Encoding')
  if (encoding) response.setHeader('content-encoding', encoding)
  response.setHeader('content-length', body.length)
  response.end(request.method === 'HEAD' ? undefined : body)
}

export function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  value: unknown,
): Promise<void> {
  return sendText(request, response, status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`)
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
