import { expect, type Page, test } from '@playwright/test'
import { api, getThrough } from '#e2e/support/requests.ts'
import { seriousFindings } from '#e2e/support/serious-findings.ts'
import { makeTestMesh, type TestMesh } from '#e2e/support/test-mesh.ts'

interface Golden {
  readonly span: { readonly start: string; readonly end: string }
  readonly rows: readonly { readonly golden: { readonly requests: number } }[]
}

let mesh: TestMesh
let timer: NodeJS.Timeout
let base: string

test.beforeAll(async () => {
  mesh = await makeTestMesh({
    pods: [
      { name: 'client', host: 2 },
      { name: 'server', host: 3 },
      { name: 'legacy', host: 4, meshed: false },
    ],
    services: ['server'],
  })
  let asked = 0
  await mesh.serve('server', (_, response) => {
    asked++
    response.statusCode = asked % 10 === 0 ? 500 : 200
    response.end('ok')
  })
  base = await mesh.mesh.start(['--port', '0'])
  const client = mesh.instance('client')
  timer = setInterval(() => void getThrough(client, 'server', '/').catch(() => {}), 25)
  await expect
    .poll(async () => {
      const { rows } = await api<Golden>(base, '/golden?resource=deploy/server&namespace=test')
      return rows[0]?.golden.requests ?? 0
    })
    .toBeGreaterThan(20)
})

test.afterAll(async () => {
  clearInterval(timer)
  await mesh.close()
})

const workload = '/namespaces/test/deployments/server'
const chart = (page: Page, title: string) =>
  page.getByRole('article', { name: title, exact: true }).getByRole('img')

test('a workload page shows its numbers, their course, and who calls it', async ({ page }) => {
  await page.goto(`${base}${workload}`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('server')
  const main = page.getByRole('main')
  await expect(main).toContainText('1/1 meshed')
  await expect(main).toContainText('identity server.test')
  await expect(page.getByRole('article', { name: 'Requests' })).toContainText(/\d\s?rps/)
  for (const title of ['Requests', 'Success rate', 'Latency', 'TCP bytes', 'Open connections']) {
    await expect(chart(page, title)).toBeVisible()
  }
  await expect(chart(page, 'Requests')).toHaveAccessibleName(/success: [\d.]+.rps at the end/)
  await expect(chart(page, 'Success rate')).toHaveAccessibleName(/between \d/)
  await expect(page.getByRole('article', { name: 'Status codes' })).toContainText(/200.*500/s)
  const inbound = page.getByRole('table', { name: /^Inbound/ })
  await expect(inbound.getByRole('row', { name: /test\/client/ })).toContainText('mTLS')
  await expect(page.getByRole('table', { name: /^Outbound/ })).toContainText('It called nobody')
  await expect(page.getByRole('table', { name: /^Pods/ })).toContainText('server')
  await expect(page.getByText('test/server has no ServiceProfile')).toBeVisible()
  await expect(page.getByText('meshscope stat deploy/server -n test')).toBeVisible()
  const before = (await inbound.textContent()) ?? ''
  await expect(inbound).not.toHaveText(before, { timeout: 15_000 })
})

test('what a workload sent is shown by choice, and at once for one that only sends', async ({ page }) => {
  await page.goto(`${base}/namespaces/test/deployments/client`)
  await expect(page.getByRole('radio', { name: 'sent' })).toBeChecked()
  await expect(chart(page, 'Requests')).toHaveAccessibleName(/success: [\d.]+.rps at the end/)
  await page.getByRole('radio', { name: 'received' }).check()
  await expect(page).toHaveURL(/traffic=received/)
  await page.goBack()
  await expect(page.getByRole('radio', { name: 'sent' })).toBeChecked()
})

test('dragging over a chart puts that range into the address, and a table tells the same', async ({
  page,
}) => {
  await page.goto(`${base}${workload}`)
  const plot = chart(page, 'Requests')
  await expect(plot).toBeVisible()
  // The newest points stand at the right.
  const box = (await plot.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + box.width * 0.6, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.8, y, { steps: 4 })
  await page.mouse.move(box.x + box.width * 0.97, y, { steps: 4 })
  await page.mouse.up()
  await expect(page).toHaveURL(/start=.*&end=/)
  const address = new URL(page.url())
  const [start, end] = ['start', 'end'].map(name => Date.parse(address.searchParams.get(name) ?? ''))
  expect(end! - start!).toBeGreaterThan(5_000)
  expect(end! - start!).toBeLessThan(60_000)
  const { rows } = await api<Golden>(
    base,
    `/golden?resource=deploy/server&namespace=test&${new URLSearchParams({
      start: address.searchParams.get('start') ?? '',
      end: address.searchParams.get('end') ?? '',
    })}`,
  )
  await expect(page.getByRole('article', { name: 'Requests' })).toContainText(
    new RegExp(`\\D${rows[0]?.golden.requests.toLocaleString('en')}\\s?requests`),
  )
  await page.getByRole('button', { name: 'As a table' }).click()
  await expect(page).toHaveURL(/view=table/)
  const table = page.getByRole('table', { name: 'Golden metrics of each step' })
  await expect(table.getByRole('row').nth(1)).toContainText(/rps.*ms/)
})

test('a marker that somebody sets appears on the charts and in their list', async ({ page }) => {
  await page.goto(`${base}${workload}`)
  await expect(chart(page, 'Latency')).toBeVisible()
  const response = await fetch(`${base}/api/v1/markers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Rollout of server', detail: 'v2', namespace: 'test' }),
  })
  expect(response.status).toBe(201)
  await expect(page.getByRole('list', { name: 'Markers' })).toContainText('Rollout of server')
  await expect(chart(page, 'Latency').locator('title').last()).toHaveText('Rollout of server: v2')
})

test('a service page tells its callers, the workloads behind it, and how to get routes', async ({ page }) => {
  await page.goto(`${base}/namespaces/test/services/server`)
  await expect(page.getByRole('table', { name: /^Inbound/ })).toContainText('test/client')
  const behind = page.getByRole('table', { name: /^Behind it/ })
  await behind.getByRole('link', { name: 'test/server' }).click()
  await expect(page).toHaveURL(/deployments\/server$/)
  await page.goBack()
  await page.getByText('How to make one').click()
  await expect(page.getByText('name: server.test.svc.cluster.local')).toBeVisible()
})

test('pods have pages, unmeshed workloads say why they have no numbers', async ({ page }) => {
  await page.goto(`${base}/namespaces/test/pods/server`)
  await expect(page.getByRole('main')).toContainText('of test/server')
  await page.goto(`${base}/namespaces/test/deployments/legacy`)
  await expect(page.getByRole('main')).toContainText('not meshed')
  await expect(page.getByRole('link', { name: 'Tap…' })).toHaveCount(0)
})

test('names that do not exist are told, and a kind alone leads to its namespace', async ({ page }) => {
  await page.goto(`${base}/namespaces/test/deployments/nope`)
  await expect(page.getByText('Unknown deployment "nope" in namespace test')).toBeVisible()
  await page.goto(`${base}/namespaces/test/deployments`)
  await expect(page).toHaveURL(/\/namespaces\/test$/)
  const missing = await page.goto(`${base}/namespaces/test/gadgets/web`)
  expect(missing?.status()).toBe(404)
})

test('axe has no serious finding on workload and service pages, in light and in dark', async ({ page }) => {
  test.slow()
  for (const path of [workload, '/namespaces/test/services/server']) {
    await page.goto(`${base}${path}`)
    await expect(chart(page, 'Open connections')).toBeVisible()
    expect(await seriousFindings(page)).toEqual([])
  }
})
