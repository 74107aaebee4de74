import { expect, test } from '@playwright/test'
import { demoAddress } from '#e2e/support/demo-address.ts'
import { seriousFindings } from '#e2e/support/serious-findings.ts'

const base = demoAddress()

test('checks tell what was found and what helps, and the server its own numbers', async ({ page }) => {
  await page.goto(`${base}/checks`)
  const checks = page.getByRole('region', { name: 'Checks', exact: true })
  await expect(checks.getByRole('listitem').filter({ hasText: 'Proxies answer' })).toContainText(/\d+ of \d+/)
  await expect(checks.getByRole('listitem').filter({ hasText: 'History is kept' })).toContainText('well')
  await expect(checks).toContainText('meshscope check')
  const numbers = page.getByRole('region', { name: 'The server itself' })
  await expect(numbers.getByRole('region', { name: 'Scrapes' })).toContainText(/Duration, P99\s*\d+\.\d\s?ms/)
  await expect(numbers.getByRole('region', { name: 'Process' })).toContainText(/Resident memory\s*\d/)
  expect(await seriousFindings(page)).toEqual([])
})
