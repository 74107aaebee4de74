import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { posix } from 'node:path'

export interface KubeProxy {
  readonly origin: string
  close(): void
}

/**
 * Leads `<prefix>/…` to the server at `port` as `kubectl proxy` and the Kubernetes API server do: the prefix is removed
 * and told in `X-Forwarded-Uri` (not with upgrades), the Host is the upstream's, and addresses in redirects and in
 * attributes of HTML get the prefix unless they have it.
 */
export async function startKubeProxy(prefix: string, port: number): Promise<KubeProxy> {
  const host = `127.0.0.1:${port}`
  const rewritten = (address: string): string =>
    address.startsWith('/') && !address.startsWith(prefix) ? posix.join(prefix, address) : address

  const pass = (asked: IncomingMessage, answer: ServerResponse): void => {
    const { url = '/', method } = asked
    if (!url.startsWith(`${prefix}/`)) {
      answer.writeHead(404).end()
      return
    }
    const path = url.slice(prefix.length)
    const [bare = ''] = path.split('?')
    const headers = { ...asked.headers, host, 'x-forwarded-uri': posix.join(prefix, bare) }
    delete headers['accept-encoding']
    const upstream = request({ host: '127.0.0.1', port, path, method, headers }, got => {
      const { location, 'content-length': _, ...others } = got.headers
      answer.writeHead(got.statusCode ?? 502, {
        ...others,
        ...(location === undefined ? {} : { location: rewritten(location) }),
      })
      if (!others['content-type']?.startsWith('text/html')) {
        got.pipe(answer)
        return
      }
      let html = ''
      got.setEncoding('utf8').on('data', (text: string) => {
        html += text
      })
      got.on('end', () => {
        const tag = /<(?:a|link|script|img)\b[^>]*>/g
        const attribute = /(?<=\s(?:href|src)=")[^"]*/g
        answer.end(html.replace(tag, text => text.replace(attribute, rewritten)))
      })
    })
    upstream.on('error', () => answer.destroy())
    asked.pipe(upstream)
    answer.on('close', () => upstream.destroy())
  }

  const server = createServer(pass)
  server.on('upgrade', (asked, client, head) => {
    const upstream = connect(port, '127.0.0.1', () => {
      const lines = asked.rawHeaders.flatMap((name, i, raw) =>
        i % 2 === 0 && name.toLowerCase() !== 'host' ? [`${name}: ${raw[i + 1]}`] : [],
      )
      const path = asked.url?.slice(prefix.length)
      upstream.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines.join('\r\n')}\r\n\r\n`)
      upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port: ownPort } = server.address() as AddressInfo
  return {
    origin: `http://localhost:${ownPort}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
