import { expect, type Page, test } from '@playwright/test'
import type { Visit } from '#demo/apps/traffic.ts'
import { appHost } from '#demo/launch/apps.ts'
import { demoAddress, demoSubnet } from '#e2e/support/demo-address.ts'
import { getThrough } from '#e2e/support/requests.ts'
import { seriousFindings } from '#e2e/support/serious-findings.ts'
import { makeTestMesh, type TestMesh } from '#e2e/support/test-mesh.ts'

let mesh: TestMesh
let base: string

test.beforeAll(async () => {
  mesh = await makeTestMesh({
    pods: [
      { name: 'client', host: 2 },
      { name: 'server', host: 3 },
    ],
    services: ['server'],
  })
  await mesh.serve('server', (request, response) => {
    response.writeHead(request.url?.startsWith('/broken') ? 500 : 200, { 'set-cookie': 'session=secret' })
    response.end('ok')
  })
  base = await mesh.mesh.start(['--port', '0'])
})

test.afterAll(() => mesh.close())

async function send(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await getThrough(mesh.instance('client'), 'server', path, { authorization: 'Bearer secret' })
  }
}

async function startTap(page: Page, query: string): Promise<void> {
  await page.goto(`${base}/tap?${query}`)
  await page.getByRole('button', { name: 'Start' }).click()
  await expect(page.getByText('1 of 1 pods')).toBeVisible({ timeout: 15_000 })
}

const table = (page: Page) => page.getByRole('table', { name: /Requests that were tapped/ })
const rows = (page: Page) => table(page).locator('tbody tr')

test('a tap starts at the press of its button, and shows a burst of the traffic generator whole', async ({
  page,
}) => {
  const tapOfSale = `${demoAddress()}/tap?resource=deploy/web&namespace=shop&path=/sale/`
  await page.goto(tapOfSale)
  await expect(page.getByText('Nothing is being tapped')).toBeVisible()
  await page.getByRole('button', { name: 'Start' }).click()
  await expect(page.getByText('1 of 1 pods')).toBeVisible({ timeout: 15_000 })
  const sale = new URL(`http://${appHost(`${demoSubnet()}.2`)}:8080/sale?visits=60`)
  const sent = (await (await fetch(sale, { method: 'POST' })).json()) as readonly Visit[]
  expect(sent).toHaveLength(60)
  await expect(rows(page)).toHaveCount(60, { timeout: 20_000 })
  const cells = (column: number) => rows(page).locator(`td:nth-child(${column})`).allTextContents()
  const [methods, paths, statuses, latencies] = await Promise.all([2, 3, 4, 5].map(cells))
  const shown = paths?.map((path, i) => `${methods?.[i]} ${path} ${/\d{3}/.exec(statuses?.[i] ?? '')?.[0]}`)
  expect(shown?.toSorted()).toEqual(sent.map(({ path, status }) => `GET ${path} ${status}`).toSorted())
  for (const latency of latencies ?? []) expect(latency).toMatch(/\d ?m?s/)
})

test('a tap without a filter counts all that its proxies carried', async ({ page }) => {
  await startTap(page, 'resource=po/server&namespace=test')
  await send(Array.from({ length: 30 }, (_, i) => (i % 4 === 0 ? `/broken/${i}` : `/fine/${i}`)))
  await expect(page.getByText('30 of 30 requests')).toBeVisible({ timeout: 20_000 })
  await expect(rows(page)).toHaveCount(30)
})

test('a row opens to its headers, the sensitive ones redacted', async ({ page }) => {
  await startTap(page, 'resource=po/server&namespace=test&headers=1')
  await send(['/one'])
  // Anywhere in the row, and by its button.
  await rows(page).getByText('/one').click()
  const detail = page.getByRole('region', { name: 'Request headers' })
  await expect(detail).toBeVisible()
  await rows(page).getByRole('button').first().click()
  await expect(detail).toHaveCount(0)
  await rows(page).getByRole('button').first().press('Enter')
  await expect(detail).toContainText('authorization')
  await expect(page.getByRole('region', { name: 'Response headers' })).toContainText('set-cookie')
  await expect(page.getByText('secret')).toHaveCount(0)
  await expect(
    page
      .getByRole('definition')
      .filter({ hasText: /^client\.test\.serviceaccount/ })
      .first(),
  ).toBeVisible()
})

test('a paused tap shows nothing new, and a stopped one keeps what it had', async ({ page }) => {
  await startTap(page, 'resource=po/server&namespace=test')
  await send(['/before'])
  await expect(rows(page)).toHaveCount(1)
  await page.getByRole('button', { name: 'Pause' }).click()
  await send(['/meanwhile'])
  await expect(page.getByText(/of 2 requests/)).toBeVisible({ timeout: 15_000 })
  await expect(rows(page)).toHaveCount(1)
  await page.getByRole('button', { name: 'Resume' }).click()
  await send(['/after'])
  await expect(table(page)).toContainText('/after')
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByText('Stopped')).toBeVisible()
  await expect(table(page)).toContainText('/before')
  await expect(table(page)).not.toContainText('/meanwhile')
})

test('the filter is in the address and in the command, and what cannot be tapped is told', async ({
  page,
}) => {
  await page.goto(`${base}/tap`)
  await page.getByLabel('Namespace', { exact: true }).fill('test')
  await page.getByLabel('Resource').fill('po/nobody')
  await page.getByLabel('Path begins with').fill('/fine')
  await page.getByRole('button', { name: 'Start' }).click()
  await expect(page).toHaveURL(/resource=po%2Fnobody/)
  await expect(page.getByRole('alert').filter({ hasText: 'nobody' })).toBeVisible()
  await expect(page.getByText('meshscope tap po/nobody -n test --path /fine')).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('Resource')).toHaveValue('po/nobody')
  await expect(page.getByText('Nothing is being tapped')).toBeVisible()
})

test('axe has no serious finding on the tap, in light and in dark', async ({ page }) => {
  await startTap(page, 'resource=po/server&namespace=test&headers=1')
  await send(['/fine', '/broken'])
  await rows(page).getByRole('button').first().click()
  expect(await seriousFindings(page)).toEqual([])
})
