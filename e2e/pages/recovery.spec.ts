import { expect, test } from '@playwright/test'
import { freePort } from '#e2e/support/addresses.ts'
import { getThrough } from '#e2e/support/requests.ts'
import { makeTestMesh, type TestMesh } from '#e2e/support/test-mesh.ts'

let mesh: TestMesh
let timer: NodeJS.Timeout
let base: string
let flags: readonly string[]

test.beforeAll(async () => {
  flags = ['--port', String(await freePort())]
  mesh = await makeTestMesh({
    pods: [
      { name: 'client', host: 2 },
      { name: 'server', host: 3 },
    ],
    services: ['server'],
  })
  await mesh.serve('server', (_, response) => response.end('ok'))
  base = await mesh.mesh.start(flags)
  const client = mesh.instance('client')
  timer = setInterval(() => void getThrough(client, 'server', '/').catch(() => {}), 25)
})

test.afterAll(async () => {
  clearInterval(timer)
  await mesh.close()
})

test('the page keeps its numbers while the server is away, says so, and goes on when it is back', async ({
  page,
}) => {
  await page.goto(base)
  const strip = page.getByRole('region', { name: 'State of the data' })
  const row = page.getByRole('table', { name: /each workload/ }).getByRole('row', { name: /\bserver\b/ })
  await expect(row).toContainText(/100\.00 ?%/)
  await expect(strip).toContainText('2 of 2 proxies answering')
  mesh.mesh.server?.kill('SIGKILL')
  await mesh.mesh.server?.ended
  await expect(strip).toContainText('Connection lost', { timeout: 15_000 })
  await expect(row).toContainText(/100\.00 ?%/)
  await mesh.mesh.startServer(flags)
  await expect(strip).toContainText('Live', { timeout: 30_000 })
  await expect(strip).toContainText('2 of 2 proxies answering', { timeout: 15_000 })
  const before = (await row.textContent()) ?? ''
  await expect(row).not.toHaveText(before, { timeout: 15_000 })
})

test('a page that comes while the server goes away goes live by itself once it is back', async ({ page }) => {
  const html = await (await page.request.get(`${base}/namespaces`)).text()
  let isAway = true
  // Only what the page's HTML names still arrives: neither answers nor the parts that are loaded later.
  await page.route('**/*', route => {
    const { pathname } = new URL(route.request().url())
    return isAway && pathname !== '/namespaces' && !html.includes(pathname) ? route.abort() : route.continue()
  })
  await page.goto(`${base}/namespaces`)
  const strip = page.getByRole('region', { name: 'State of the data' })
  await expect(page.getByText('does not answer').first()).toBeVisible({ timeout: 15_000 })
  isAway = false
  await expect(strip).toContainText('2 of 2 proxies answering', { timeout: 20_000 })
  await expect(strip).toContainText('Live', { timeout: 20_000 })
  const row = page.getByRole('table', { name: /each workload/ }).getByRole('row', { name: /\bserver\b/ })
  const before = (await row.textContent()) ?? ''
  await expect(row).not.toHaveText(before, { timeout: 15_000 })
})

test('a proxy that dies is named on the page, with its reason', async ({ page }) => {
  await page.goto(base)
  const strip = page.getByRole('region', { name: 'State of the data' })
  await expect(strip).toContainText('2 of 2 proxies answering', { timeout: 15_000 })
  mesh.mesh.proxies.get('test/server')?.kill('SIGKILL')
  await expect(strip).toContainText('1 of 2 proxies answering', { timeout: 15_000 })
  await expect(strip).toContainText('test/server')
})
