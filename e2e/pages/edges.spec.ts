import { expect, type Page, test } from '@playwright/test'
import { demoAddress } from '#e2e/support/demo-address.ts'
import { seriousFindings } from '#e2e/support/serious-findings.ts'

const base = demoAddress()

const table = (page: Page) => page.getByRole('table', { name: /^Edges/ })
const rows = (page: Page) => table(page).locator('tbody tr[data-row]')

test('every edge of the demo is there, with its lock, its identities and its numbers', async ({ page }) => {
  await page.goto(`${base}/edges`)
  const secured = table(page).locator('[data-row="shop/deployment/web>shop/deployment/catalog"]')
  await expect(secured).toContainText('mTLS')
  await expect(secured).toContainText('web.shop → catalog.shop')
  await expect(secured).toContainText(/\d ?%/)
  await expect(secured).toContainText(/\d ?ms/)
  const insecure = table(page).locator('[data-row="batch/cronjob/legacy-batch>shop/deployment/users"]')
  await expect(insecure).toContainText('Not Provided By Remote')
  const cache = table(page).locator('[data-row="shop/deployment/catalog>shop/statefulset/cache"]')
  await expect(cache).toContainText('mTLS')
  await expect(cache).not.toContainText('%')
})

test('the filters lead to the insecure edge and to the refused one, and say how many there are', async ({
  page,
}) => {
  await page.goto(`${base}/edges`)
  await page.getByRole('radio', { name: /^Not mTLS/ }).check()
  await expect(page).toHaveURL(/filter=not-mtls/)
  await expect(rows(page).filter({ hasText: 'legacy-batch' })).toHaveCount(1)
  await expect(rows(page).filter({ hasText: 'web.shop' })).toHaveCount(0)
  await page.getByRole('radio', { name: /^Denied/ }).check()
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page)).toContainText('scraper')
  await expect(rows(page)).toContainText('payments')
  await page.goBack()
  await expect(page.getByRole('radio', { name: /Not mTLS/ })).toBeChecked()
  await page.reload()
  await expect(page.getByRole('radio', { name: /Not mTLS/ })).toBeChecked()
})

test('a word narrows the list, and one that nothing has says so', async ({ page }) => {
  await page.goto(`${base}/edges`)
  await expect(rows(page).filter({ hasText: 'users' })).not.toHaveCount(0)
  const find = page.getByRole('searchbox', { name: /Filter edges/ })
  await find.fill('scraper')
  await expect(rows(page)).toHaveCount(1)
  await expect(page).toHaveURL(/find=scraper/)
  await find.fill('nobody-is-named-so')
  await expect(page.getByText('No edge is named like that')).toBeVisible()
})

test('axe has no serious finding on the edges, in light and in dark', async ({ page }) => {
  await page.goto(`${base}/edges`)
  await expect(table(page)).toContainText('web')
  expect(await seriousFindings(page)).toEqual([])
})
