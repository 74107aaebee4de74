import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { freePort } from '#e2e/support/addresses.ts'
import { type KubeProxy, startKubeProxy } from '#e2e/support/kube-proxy.ts'
import { type Nginx, startNginx } from '#e2e/support/nginx.ts'
import { getThrough } from '#e2e/support/requests.ts'
import { makeTestMesh, type TestMesh } from '#e2e/support/test-mesh.ts'
import { findTools } from '#scripts/find-tools.ts'

const servicePath = '/api/v1/namespaces/mesh/services/http:web:8084/proxy'
const nginxTool = findTools('nginx')

let mesh: TestMesh
let timer: NodeJS.Timeout
let base: string
let nginx: Nginx | null = null
let kube: KubeProxy

test.beforeAll(async () => {
  mesh = await makeTestMesh({
    pods: [
      { name: 'client', host: 2 },
      { name: 'server', host: 3 },
    ],
    services: ['server'],
  })
  await mesh.serve('server', (_, response) => response.end('ok'))
  const port = await freePort()
  base = await mesh.mesh.start(['--port', String(port)])
  const client = mesh.instance('client')
  timer = setInterval(() => void getThrough(client, 'server', '/').catch(() => {}), 25)
  kube = await startKubeProxy(servicePath, port)
  const upstream = `http://127.0.0.1:${port}`
  const upgrade =
    'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;'
  if (!nginxTool.areMissing) {
    nginx = await startNginx(`
      location /team/mesh/ { proxy_pass ${upstream}/; proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Prefix /team/mesh; ${upgrade} }
      location /whole/ { proxy_pass ${upstream}; proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Prefix /whole; ${upgrade} }
      location /polling/ { proxy_pass ${upstream}/; proxy_set_header Host $host;
        proxy_set_header X-Forwarded-Prefix /polling; }`)
  }
})

test.afterAll(async () => {
  clearInterval(timer)
  kube.close()
  await nginx?.close()
  await mesh.close()
})

/** What a page asked for, addresses of sockets among it, and what it complained about. */
function watch(page: Page): {
  readonly asked: string[]
  readonly complaints: string[]
  readonly sockets: string[]
} {
  const asked: string[] = []
  const sockets: string[] = []
  const complaints: string[] = []
  page.on('request', request => {
    if (/^https?:/.test(request.url())) asked.push(request.url())
  })
  page.on('websocket', socket => {
    asked.push(socket.url().replace(/^ws/, 'http'))
    socket.on('framereceived', () => sockets.push(socket.url()))
  })
  page.on('console', message => {
    const { url } = message.location()
    // Chromium sometimes asks for it before it has read which icon the page names.
    if (message.type() === 'error' && !url.endsWith('/favicon.ico'))
      complaints.push(`${message.text()} ${url}`)
  })
  page.on('pageerror', error => complaints.push(error.message))
  return { asked, sockets, complaints }
}

async function expectLive(page: Page): Promise<void> {
  await expect(page.getByRole('region', { name: 'State of the data' })).toContainText('Live', {
    timeout: 20_000,
  })
  const row = page.getByRole('table', { name: /each workload/ }).getByRole('row', { name: /\bserver\b/ })
  await expect(row).toContainText(/100\.00 ?%/)
  const before = (await row.textContent()) ?? ''
  await expect(row).not.toHaveText(before, { timeout: 15_000 })
}

interface Place {
  readonly name: string
  readonly prefix: string
  readonly origin: () => string
  readonly needsNginx?: boolean
  /** Whether the live connection becomes a WebSocket there; else it polls. */
  readonly upgrades: boolean
}

const behindNginx = { origin: () => nginx?.origin ?? '', needsNginx: true }
const places: readonly Place[] = [
  { name: 'at the root', prefix: '', origin: () => base, upgrades: true },
  { name: 'behind nginx', prefix: '/team/mesh', ...behindNginx, upgrades: true },
  { name: 'behind nginx that leaves the prefix in place', prefix: '/whole', ...behindNginx, upgrades: true },
  { name: 'behind nginx that passes no WebSocket', prefix: '/polling', ...behindNginx, upgrades: false },
  // It passes on another Host than the page's, and with WebSockets browsers do not vouch for the page.
  {
    name: 'behind the Kubernetes API server',
    prefix: servicePath,
    origin: () => kube.origin,
    upgrades: false,
  },
]

for (const { name, prefix, origin, needsNginx = false, upgrades } of places) {
  const note = needsNginx ? nginxTool.note : ''
  test(`${name}, the overview is live and its address holds, and nothing is asked outside its prefix${note}`, async ({
    page,
  }) => {
    test.skip(note !== '')
    const { asked, sockets, complaints } = watch(page)
    const overview = `${origin()}${prefix}/namespaces`
    await page.goto(`${origin()}${prefix}/`)
    await expect(page).toHaveURL(overview)
    await expectLive(page)
    await page.getByText('5m', { exact: true }).click()
    await expect(page).toHaveURL(`${overview}?window=5m`)
    await page.reload()
    await expect(page.getByRole('radio', { name: '5 min' })).toBeChecked()
    await page.getByRole('link', { name: 'Edges', exact: true }).click()
    await expect(page).toHaveURL(`${origin()}${prefix}/edges?window=5m`)
    await page.goBack()
    await expect(page).toHaveURL(`${overview}?window=5m`)
    await expect(page.getByRole('table', { name: /each workload/ })).toContainText('server')
    expect(asked.filter(url => !url.startsWith(`${origin()}${prefix}/`))).toEqual([])
    expect(sockets.length > 0).toBe(upgrades)
    // A browser says by itself that a WebSocket was refused.
    expect(complaints.filter(text => upgrades || !/WebSocket/.test(text))).toEqual([])
  })
}

test(`under a prefix, the API answers, and commands to copy lead the command line there${nginxTool.note}`, async ({
  page,
}) => {
  test.skip(nginxTool.areMissing)
  const address = `${nginx?.origin}/team/mesh`
  expect((await page.request.get(`${address}/api/v1/workloads`)).status()).toBe(200)
  expect((await page.request.get(`${address}/readyz`)).status()).toBe(200)
  await page.goto(`${address}/namespaces`)
  const command = page.getByText(`--api-addr ${address}`).first()
  await expect(command).toBeVisible()
  const args =
    (await command.textContent())
      ?.replace(/^\W*meshscope /, '')
      .trim()
      .split(' ') ?? []
  const meshscope = resolve(import.meta.dirname, '../../dist/meshscope.js')
  const printed = spawnSync(process.execPath, [meshscope, ...args], { encoding: 'utf8' })
  expect(printed.status, printed.stderr).toBe(0)
  expect(printed.stdout).toContain('100.00%')
})
