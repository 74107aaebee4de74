import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers with a small JSON body after a delay. */
export function reply(response: ServerResponse, status: number, body: unknown, delayMs = 0): void {
  const text = JSON.stringify(body)
  setTimeout(() => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    response.end(text)
  }, delayMs)
}

export function notFound(response: ServerResponse): void {
  reply(response, 404, { error: 'not found' })
}

/** `GET /products/17`: method and path without the query. */
export function lineOf({ method, url = '/' }: IncomingMessage): string {
  return `${method} ${url.split('?', 1)[0]}`
}

/** A delay in milliseconds: near `typicalMs`, with a share of requests that take ten times as long. */
export function delayMs(typicalMs: number, slowRatio = 0.02): number {
  const spread = typicalMs * (0.6 + 0.8 * Math.random())
  return Math.random() < slowRatio ? spread * 10 : spread
}

/** True for that share of the asks. */
export function happens(ratio: number): boolean {
  return Math.random() < ratio
}
