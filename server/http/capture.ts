import type { ServerResponse } from 'node:http'

/** Bodies over this size are sent as they come. */
const maxBytes = 16 * 1024 * 1024

/**
 * Holds back what is written to a response until it is whole, then hands the body to `finish`, which sends it: the
 * headers may still be changed then. A body that is too large is sent on untouched.
 */
export function captureBody(response: ServerResponse, finish: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  let sizeBytes = 0

  const release = (): void => {
    // What was assigned below hides the methods of its class, and no longer does then.
    for (const name of ['write', 'end', 'writeHead', 'flushHeaders']) Reflect.deleteProperty(response, name)
  }
  const take = (chunk: unknown, encoding: unknown): void => {
    if (typeof chunk === 'string') {
      chunks.push(
        Buffer.from(chunk, Buffer.isEncoding(String(encoding)) ? (encoding as BufferEncoding) : 'utf8'),
      )
    } else if (chunk instanceof Uint8Array) {
      chunks.push(Buffer.from(chunk))
    } else {
      return
    }
    sizeBytes += chunks.at(-1)?.length ?? 0
  }
  const callbackAmong = (args: readonly unknown[]): (() => void) | undefined =>
    args.find((arg): arg is () => void => typeof arg === 'function')

  Object.assign(response, {
    flushHeaders() {},
    writeHead(status: number, ...rest: unknown[]) {
      response.statusCode = status
      const headers = rest.find(part => typeof part === 'object' && part !== null && !Array.isArray(part))
      for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
      return response
    },
    write(chunk: unknown, ...rest: unknown[]) {
      take(chunk, rest[0])
      if (sizeBytes > maxBytes) {
        release()
        const isRoomLeft = response.write(Buffer.concat(chunks))
        callbackAmong(rest)?.()
        return isRoomLeft
      }
      const callback = callbackAmong(rest)
      if (callback) process.nextTick(callback)
      return true
    },
    end(...args: unknown[]) {
      take(args[0], args[1])
      release()
      const callback = callbackAmong(args)
      if (callback) response.once('finish', callback)
      finish(Buffer.concat(chunks))
      return response
    },
  })
}
