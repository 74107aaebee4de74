import { afterEach, describe, expect } from 'vitest'
import { startPair } from '#proxy/accept/test-pair.ts'
import { output, startProgram, testWith } from '#proxy/accept/test-programs.ts'
import { Cleanup } from '#proxy/accept/test-sockets.ts'
import { startProxy as startInboundProxy } from '#proxy/inbound/test-inbound.ts'
import { startHttp2App } from './test-http2.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const urlOf = ({ host, port }: { host: string; port: number }, path = '/') => `http://${host}:${port}${path}`

/** Requests that were counted, and how they ended, as lines of `… <count>`. */
function responses(metrics: string): readonly string[] {
  return metrics
    .split('\n')
    .filter(line => line.startsWith('response_total{'))
    .map(line => line.replace(/^.*(status_code=)/, '$1'))
}

describe('HTTP/2 of programs of others', () => {
  testWith(['h2load', 'nginx'], 'h2load and nginx: each request is counted once', async () => {
    const port = await startProgram(cleanup, 'nginx', (listen, folder) => ({
      args: ['-p', folder, '-c', 'config', '-e', 'stderr'],
      config: `daemon off; worker_processes 1; pid pid; error_log stderr;
        events { worker_connections 512; }
        http { access_log off; server { listen 127.0.0.1:${listen} http2; return 200 "hello"; } }`,
    }))
    const { metrics, outbound } = await startPair(cleanup, port)
    const printed = await output(
      'h2load',
      '-n',
      '600',
      '-c',
      '4',
      '-m',
      '25',
      '-H',
      ':authority: catalog',
      urlOf(outbound.address),
    )
    expect(printed).toMatch(/600 succeeded, 0 failed, 0 errored, 0 timeout/)
    expect(printed).toMatch(/status codes: 600 2xx/)
    const whole = 'status_code="200",classification="success",grpc_status="",error=""} 600'
    expect(responses(metrics.outbound())).toEqual([whole])
    expect(responses(metrics.inbound())).toEqual([whole])
    for (const side of [metrics.inbound(), metrics.outbound()])
      expect(side).toMatch(/^request_total\{.*\} 600$/m)
  })

  testWith(['curl'], 'curl: by prior knowledge, with a large upload and trailers', async () => {
    const app = await startHttp2App(cleanup, stream => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }))
      let length = 0
      stream.on('data', chunk => {
        length += (chunk as Buffer).length
      })
      stream.on('end', () => stream.end(String(length)))
    })
    const { outbound } = await startPair(cleanup, app.port)
    const printed = await output(
      'curl',
      '-sS',
      '-i',
      '--http2-prior-knowledge',
      '-H',
      'Host: catalog',
      '--data-binary',
      'x'.repeat(100_000),
      urlOf(outbound.address),
    )
    expect(printed).toMatch(/^HTTP\/2 200 \r\n/)
    expect(printed).toMatch(/\r\n\r\n100000x-sum: 42\r\n/)
  })

  testWith(['curl'], 'curl: in plain to the inbound port, and refused where policy says so', async () => {
    const app = await startHttp2App(cleanup, stream => {
      stream.respond({ ':status': 200 })
      stream.end('hello')
    })
    const { listener, policies, metrics } = await startInboundProxy(cleanup, app.port)
    const curl = ['-sS', '-i', '--http2-prior-knowledge', urlOf(listener.address)] as const
    expect(await output('curl', ...curl)).toMatch(/^HTTP\/2 200 \r\n(?:.*\r\n)*\r\nhello$/)
    policies.set({ ...policies.forPort(app.port), authorizations: [] })
    expect(await output('curl', ...curl)).toMatch(/^HTTP\/2 403 \r\n/)
    expect(metrics()).toMatch(/^inbound_http_authz_deny_total\{.*\} 1$/m)
  })

  testWith(['haproxy'], 'haproxy: as a proxy before ours, over HTTP/2', async () => {
    const app = await startHttp2App(cleanup, (stream, headers) => {
      stream.respond({ ':status': 200 })
      stream.end([headers['x-forwarded-for'], headers[':path']].join(' '))
    })
    const { outbound } = await startPair(cleanup, app.port)
    const port = await startProgram(cleanup, 'haproxy', (listen, folder) => ({
      args: ['-f', `${folder}/config`],
      config: `defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend all
  bind 127.0.0.1:${listen}
  default_backend mesh
backend mesh
  option forwardfor
  http-request set-header host catalog
  server one ${outbound.address.host}:${outbound.address.port} proto h2
`,
    }))
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => (await fetch(`http://127.0.0.1:${port}/${i}`)).text()),
    )
    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => `127.0.0.1 /${i}`))
  })
})
