import { type ConnectionOptions, connect } from 'node:tls'

/**
 * What a hand-made TLS client gets for one HTTP request: the response's bytes, or the error that ended it. Resolves
 * when the server closes or a whole response has come.
 */
export function askOverTls(
  options: ConnectionOptions & { readonly localAddress?: string },
  request: string,
): Promise<{ text: string; error: string | null }> {
  return new Promise(done => {
    let text = ''
    const socket = connect({ rejectUnauthorized: false, minVersion: 'TLSv1.3', ...options })
    const finish = (error: string | null) => {
      socket.destroy()
      done({ text, error })
    }
    socket.setTimeout(10_000, () => finish('timeout'))
    socket.on('secureConnect', () => socket.write(request))
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const head = text.indexOf('\r\n\r\n')
      const length = /content-length: (\d+)/i.exec(text)?.[1]
      if (head >= 0 && length !== undefined && text.length >= head + 4 + Number(length)) finish(null)
    })
    socket.on('error', error => finish(error.message))
    socket.on('close', () => finish(text ? null : 'closed'))
  })
}
