import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findTools } from '#scripts/find-tools.ts'
import type { PrometheusAccess } from './access.ts'
import { PrometheusClient } from './client.ts'
import { testCertificate } from './test-certificate.ts'
import { startPrometheus } from './test-prometheus.ts'
import { openTestStore } from './test-told-store.ts'

const now = { startMs: 1_000, endMs: 1_000, stepMs: 0 }
const nothing = JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [] } })

let folder: string
const closers: (() => Promise<void> | void)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshscope-access-'))
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  rmSync(folder, { recursive: true, force: true })
})

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Where a server that answers like this is. */
async function serve(server: Server, scheme = 'http'): Promise<string> {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function clientOf(url: string, changed: Partial<PrometheusAccess> = {}): PrometheusClient {
  const none = {
    bearerTokenFile: undefined,
    basicAuthFile: undefined,
    headersFile: undefined,
    caFile: undefined,
  }
  const client = new PrometheusClient({ url: new URL(url), timeoutMs: 2_000, ...none, ...changed }, () => {})
  closers.push(() => client.close())
  return client
}

async function why(listener: RequestListener, changed?: Partial<PrometheusAccess>): Promise<string> {
  const client = clientOf(await serve(createServer(listener)), changed)
  const error: unknown = await client.ask('up', now).catch((cause: unknown) => cause)
  expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', hint: expect.stringMatching(/\w/) })
  return (error as Error).message.replace(/127\.0\.0\.1:\d+/, 'HOST')
}

describe('PrometheusClient', () => {
  test('ask() shows what the files hold, and what they hold later', async () => {
    const seen: (string | string[] | undefined)[][] = []
    const url = await serve(
      createServer(({ headers }, response) => {
        seen.push([headers.authorization, headers['x-scope-orgid']])
        response.end(nothing)
      }),
    )
    const token = file('token', 'first\n')
    const client = clientOf(`${url}/prefix/`, {
      bearerTokenFile: token,
      headersFile: file('headers', 'X-Scope-OrgID: team-a\n\n'),
    })
    await client.ask('up', now)
    file('token', 'second')
    await client.refresh()
    await client.ask('up', now)
    const basic = clientOf(url, { basicAuthFile: file('basic', 'me:secret:more') })
    await basic.ask('up', now)
    expect(seen).toEqual([
      ['Bearer first', 'team-a'],
      ['Bearer second', 'team-a'],
      [`Basic ${btoa('me:secret:more')}`, undefined],
    ])
  })

  test('ask() trusts the authority of a file, and none that it does not know', async () => {
    const { key, cert } = await testCertificate()
    const url = await serve(
      createTlsServer({ key, cert }, (_, response) => response.end(nothing)),
      'https',
    )
    const strange: unknown = await clientOf(url)
      .ask('up', now)
      .catch((error: unknown) => error)
    expect(strange).toMatchObject({ hint: expect.stringContaining('--prometheus-ca-file') })
    const trusting = clientOf(url, { caFile: file('ca.pem', cert) })
    await expect(trusting.ask('up', now)).resolves.toEqual([])
  })

  test('ask() says what is wrong, and never a secret', async () => {
    const answers =
      (status: number, body = '', headers: Record<string, string> = {}): RequestListener =>
      (_, response) =>
        response.writeHead(status, headers).end(body)
    const token = file('token', 'hush')
    expect(await why(answers(401), { bearerTokenFile: token })).toBe(
      'Cannot ask Prometheus at http://HOST: it refuses our credentials (HTTP 401)',
    )
    expect(await why(answers(404, '<html>'))).toContain('HTTP 404 and not as Prometheus does')
    expect(await why(answers(200, '{"status":"success","data":{"result":[{"metric":{"a":1}}]}}'))).toContain(
      'not as Prometheus does',
    )
    const tooMany = JSON.stringify({ status: 'error', error: 'query processing would load too many samples' })
    expect(await why(answers(422, tooMany))).toContain('too many samples (HTTP 422)')
    expect(await why(answers(302, '', { location: 'https://login' }))).toContain(
      'sends us on to https://login',
    )
    expect(await why(() => {}, { timeoutMs: 50 })).toContain('did not answer within 0.05 s')
    expect(await why((_, response) => response.writeHead(200).write('{'), { timeoutMs: 50 })).toContain(
      'did not answer within 0.05 s',
    )
    expect(await why(answers(200, nothing), { bearerTokenFile: join(folder, 'gone') })).toContain('ENOENT')
    expect(await why(answers(200, nothing), { basicAuthFile: token })).toBe(
      `Cannot read ${token} for Prometheus: expected user:password`,
    )
  })
})

const tools = findTools('prometheus')

describe.skipIf(tools.areMissing)(`a Prometheus${tools.note}`, () => {
  const question = { by: [], where: { view: 'inbound' }, range: { startMs: 0, endMs: 5_000 } } as const

  test('sum() rejects while it is away, and answers when it is back, without being told', async () => {
    const first = await startPrometheus()
    const log: string[] = []
    const store = openTestStore(first.url, { intervalMs: 200, log: line => log.push(line) })
    closers.push(() => store.close())
    const rounds = (isGood: () => boolean) =>
      new Promise<void>(done => {
        const stop = store.targets.subscribe(() => {
          if (!isGood()) return
          stop()
          done()
        })
      })
    await rounds(() => store.problem?.includes('Prometheus reads no proxy') === true)
    await first.stop()
    await rounds(() => store.problem?.includes('ECONNREFUSED') === true)
    await expect(store.sum(question)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    const second = await startPrometheus('', [], Number(first.url.port))
    closers.push(() => second.stop())
    await rounds(() => store.problem?.includes('Prometheus reads no proxy') === true)
    await expect(store.sum(question)).resolves.toMatchObject({ rows: [] })
    expect(log.at(-1)).toContain('answers again')
    const answered = log.filter(line => line.includes('answers again'))
    expect(answered).toHaveLength(1)
  })

  test('problem names the families that it lacks', async () => {
    const prometheus = await startPrometheus()
    closers.push(() => prometheus.stop())
    const nowMs = 1_772_359_200_000
    const labels = { job: 'proxies', namespace: 'shop', pod: 'web-0' }
    const one = (name: string) => ({ name, labels, points: [[nowMs - 1_000, 1]] as const })
    await prometheus.write(['up', 'process_start_time_seconds', 'tcp_open_total', 'response_total'].map(one))
    const store = openTestStore(prometheus.url, { match: 'job="proxies"', now: () => nowMs })
    closers.push(() => store.close())
    await store.refresh()
    expect(store.problem).toMatch(/lacks response_latency_ms_bucket of the proxies/)
  })
})
