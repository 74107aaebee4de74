import { expect, test } from '@playwright/test'
import { demoAddress } from '#e2e/support/demo-address.ts'
import { seriousFindings } from '#e2e/support/serious-findings.ts'

const base = demoAddress()

test('the overview shows every workload with moving numbers', async ({ page }) => {
  await page.goto(base)
  const workloads = page.getByRole('table', { name: /each workload/ })
  for (const name of ['web', 'catalog', 'users', 'traffic']) {
    await expect(workloads.getByRole('row', { name: new RegExp(`\\b${name}\\b`) })).toBeVisible()
  }
  const web = workloads.getByRole('row', { name: /\bweb\b/ })
  await expect(web).toContainText(/\d ?%/)
  await expect(web).toContainText(/\d ?ms/)
  const before = (await web.textContent()) ?? ''
  await expect(web).not.toHaveText(before, { timeout: 15_000 })
})

test('the overview asks no other host for anything', async ({ page }) => {
  const foreign: string[] = []
  page.on('request', request => {
    const url = new URL(request.url())
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== new URL(base).host)
      foreign.push(request.url())
  })
  const errors: string[] = []
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  await page.goto(base)
  const table = page.getByRole('table', { name: /each workload/ })
  await expect(table).toContainText('web')
  // Once numbers have moved, the socket's code is loaded and talking.
  const before = (await table.textContent()) ?? ''
  await expect(table).not.toHaveText(before, { timeout: 15_000 })
  expect(foreign).toEqual([])
  expect(errors).toEqual([])
})

test('the window is in the address, and going back goes through the windows that were chosen', async ({
  page,
}) => {
  await page.goto(`${base}/namespaces`)
  await page.getByText('5m', { exact: true }).click()
  await expect(page).toHaveURL(/window=5m/)
  await page.getByText('10m', { exact: true }).click()
  await expect(page).toHaveURL(/window=10m/)
  await page.goBack()
  await expect(page).toHaveURL(/window=5m/)
  await expect(page.getByRole('radio', { name: '5 min' })).toBeChecked()
  await page.reload()
  await expect(page.getByRole('radio', { name: '5 min' })).toBeChecked()
})

test('axe has no serious finding on the overview, in light and in dark', async ({ page }) => {
  await page.goto(base)
  await expect(page.getByRole('table', { name: /each workload/ })).toContainText('web')
  expect(await seriousFindings(page)).toEqual([])
})
