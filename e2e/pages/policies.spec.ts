import { expect, type Page, test } from '@playwright/test'
import { demoAddress } from '#e2e/support/demo-address.ts'
import { seriousFindings } from '#e2e/support/serious-findings.ts'

const base = demoAddress()

const table = (page: Page, name: RegExp) => page.getByRole('table', { name })

test('policies tell whom each port lets in, what it refused, and of whom', async ({ page }) => {
  await page.goto(`${base}/policies`)
  const port = table(page, /^Ports/).locator('[data-row="payments/server/payments-http:8080"]')
  await expect(port).toContainText('checkout.shop')
  await expect(port).toContainText(/\d ?%/)
  const refused = table(page, /^Who was refused/)
    .locator('tbody tr')
    .filter({ hasText: 'scraper' })
  await expect(refused).toContainText('payments-http does not let it in')
  const limited = table(page, /^Ports/).locator('[data-row="shop/server/users-http:8080"]')
  await expect(limited).toContainText('≤ 60/s')
  await expect(limited).toContainText(/⊘ \d/)
  const impatient = table(page, /^Who was refused/)
    .locator('tbody tr')
    .filter({ hasText: 'legacy-batch' })
  await expect(impatient).toContainText('over the rate limit users-calm')
  const way = table(page, /^Authorizations/)
    .locator('tbody tr')
    .filter({ hasText: 'checkout-only' })
  await expect(way).toContainText(/\d ?rps/)
  // Of the ports, and of who was refused.
  await expect(page.getByText(/^meshscope policies -A -o wide/)).toHaveCount(2)
  expect(await seriousFindings(page)).toEqual([])
  await refused.getByRole('link', { name: 'edges' }).click()
  await expect(page).toHaveURL(/\/edges\?filter=denied&find=scraper/)
})

test('a word and a namespace narrow the policies, and both are in the address', async ({ page }) => {
  await page.goto(`${base}/policies?namespace=payments`)
  const rows = table(page, /^Ports/).locator('tbody tr[data-row]')
  await expect(rows).toHaveCount(1)
  await expect(page.getByText(/^meshscope policies -n payments -o wide/).first()).toBeVisible()
  await page.getByRole('textbox', { name: 'Filter ports' }).fill('nobody-is-named-so')
  await expect(page.getByText('No port is named like that')).toBeVisible()
  await expect(page).toHaveURL(/filter=nobody-is-named-so/)
})

test('splits tell the share asked of each backend beside the one seen', async ({ page, request }) => {
  await page.goto(`${base}/splits`)
  for (const [leaf, asked] of [
    ['recommendations-v1', '90.00'],
    ['recommendations-v2', '10.00'],
  ] as const) {
    const row = table(page, /^Backends/).locator(`[data-row="shop/recommendations ${leaf}"]`)
    await expect(row).toContainText(asked)
    await expect(row).toContainText(/\d ?rps/)
  }
  const rows = [
    ['recommendations-v1', 90, 0.9, 0.91, 910],
    ['recommendations-v2', 10, 0.1, 0.09, 90],
    ['recommendations-v3', 0, 0, 0, 0],
  ].map(([leaf, weight, asked, seen, requests]) => ({
    id: `shop/canary ${leaf}`,
    namespace: 'shop',
    split: 'canary',
    apex: 'recommendations',
    leaf,
    weight,
    asked,
    seen,
    total: 1_000,
    golden: {
      requests,
      rps: Number(requests) / 60,
      successRate: requests === 0 ? null : 0.99,
      latencyMs: { p50: 1, p95: 2, p99: 3 },
    },
  }))
  const answer = await (await request.get(`${base}/api/v1/splits?window=1m`)).json()
  await page.route('**/api/v1/splits?**', route => route.fulfill({ json: { ...answer, rows } }))
  // What the live connection tells would replace the answer.
  await page.routeWebSocket('**/socket.io/**', socket => socket.close())
  await page.goto(`${base}/splits`)
  const backends = table(page, /^Backends/)
  await expect(backends.locator('[data-row="shop/canary recommendations-v1"]')).toContainText('91.00')
  await expect(backends.locator('[data-row="shop/canary recommendations-v2"]')).toContainText('10.00')
  await expect(backends.locator('[data-row="shop/canary recommendations-v3"]')).toContainText('–')
  await expect(page.getByText(/^meshscope splits -A/)).toBeVisible()
  expect(await seriousFindings(page)).toEqual([])
})
