import { expect, type Page, test } from '@playwright/test'
import { demoAddress } from '#e2e/support/demo-address.ts'
import { seriousFindings } from '#e2e/support/serious-findings.ts'

const base = demoAddress()

/** The page once its numbers are there. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(`${base}${path}`)
  await expect(page.getByRole('region', { name: 'State of the data' })).toContainText('Live')
  await expect(page.getByRole('table').first()).toBeVisible()
}

const heading = (page: Page) => page.getByRole('heading', { level: 1 })

test('a row leads to the page of its namespace over the same time, and back, forward and reload keep it', async ({
  page,
}) => {
  await open(page, '/namespaces?window=5m')
  await page
    .getByRole('table', { name: 'Golden metrics: Namespaces' })
    .getByRole('row', { name: /shop/ })
    .getByRole('cell')
    .nth(2)
    .click()
  await expect(page).toHaveURL(`${base}/namespaces/shop?window=5m`)
  await expect(heading(page)).toHaveText('shop')
  await expect(page.getByRole('table', { name: 'Golden metrics: Pods' })).toContainText('web-0')
  await expect(page.getByRole('table', { name: /^Services/ })).toContainText('catalog')
  await page.goBack()
  await expect(heading(page)).toHaveText('Mesh overview')
  await page.goForward()
  await expect(heading(page)).toHaveText('shop')
  await page.reload()
  await expect(heading(page)).toHaveText('shop')
  await expect(page.getByRole('radio', { name: '5 min' })).toBeChecked()
  await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link').click()
  await expect(page).toHaveURL(`${base}/namespaces?window=5m`)
})

test('any range can be asked for by keyboard, is checked in its place, shifted, and left for live', async ({
  page,
}) => {
  await open(page, '/namespaces')
  await page.getByRole('button', { name: 'Other…' }).press('Enter')
  const panel = page.getByRole('dialog', { name: 'Time' })
  await expect(panel).toContainText('Times are of your zone')
  const from = panel.getByLabel('From', { exact: true })
  await expect(from).toBeFocused()
  await from.fill('soon')
  await expect(panel).toContainText('Expected 14:05')
  await from.fill('9d ago')
  await panel.getByLabel('To', { exact: true }).fill('8d ago')
  await expect(panel).toContainText('Numbers begin at')
  await from.fill('30s ago')
  await panel.getByLabel('To', { exact: true }).fill('40s ago')
  await expect(panel).toContainText('It has to be after the start')
  await panel.getByLabel('To', { exact: true }).fill('now')
  await from.press('Enter')
  await expect(page).toHaveURL(/start=[^&]+Z&end=[^&]+Z$/)
  await expect(page.getByRole('region', { name: 'State of the data' })).toContainText('fixed range of 30 s')
  await expect(page.getByRole('table', { name: /each workload/ })).toContainText(/\d ?rps/)
  const address = page.url()
  await page.getByRole('button', { name: 'The 30 s before' }).click()
  await expect(page).not.toHaveURL(address)
  await page.getByRole('button', { name: 'The 30 s after' }).click()
  await expect(page).toHaveURL(address)
  await page.getByRole('button', { name: 'Go live' }).click()
  await expect(page).toHaveURL(`${base}/namespaces`)
})

test('a live window of any length can be asked for', async ({ page }) => {
  await open(page, '/namespaces')
  await page.getByRole('button', { name: 'Other…' }).click()
  const panel = page.getByRole('dialog', { name: 'Time' })
  await expect(panel).toContainText(/Numbers begin \d\d:\d\d:\d\d, .* ago/)
  await panel.getByLabel('Live: the last').fill('90s')
  await panel.getByRole('button', { name: 'Show live' }).click()
  await expect(page).toHaveURL(/window=1m30s/)
  await expect(page.getByRole('button', { name: 'Last 1 min 30 s' })).toBeVisible()
})

test('a range that is not kept says so and leads back; an address without a time says so, too', async ({
  page,
}) => {
  await page.goto(`${base}/namespaces?start=2020-01-01T00:00:00Z&end=2020-01-01T01:00:00Z`)
  const notice = page.getByRole('alert').filter({ hasText: 'RANGE_NOT_KEPT' })
  await expect(notice).toContainText('Ask for a range after')
  await notice.getByRole('button', { name: 'Show the last 1 min' }).click()
  await expect(page.getByRole('table', { name: /each workload/ })).toBeVisible()
  await page.goto(`${base}/namespaces?start=noon&end=later`)
  await expect(page.getByText('The address has no time in start=noon')).toBeVisible()
})

test('the palette opens with / and Ctrl-K, finds workloads, services and routes, and acts', async ({
  page,
}) => {
  await open(page, '/namespaces?window=5m')
  await page.keyboard.press('/')
  const palette = page.getByRole('dialog', { name: 'Search and commands' })
  const input = palette.getByRole('combobox')
  await expect(input).toBeFocused()
  await input.fill('get products')
  await expect(palette.getByRole('option').first()).toContainText('GET /products')
  await page.keyboard.press('Escape')
  await expect(palette).toBeHidden()
  await page.keyboard.press('Control+k')
  await input.fill('dark')
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await expect(page.getByRole('button', { name: /^Theme: dark/ })).toBeVisible()
  await page.keyboard.press('Control+k')
  await input.fill('payments')
  await expect(palette.getByRole('option', { name: 'payments namespace', exact: true })).toBeVisible()
  await palette.getByRole('option', { name: 'payments namespace', exact: true }).click()
  await expect(page).toHaveURL(`${base}/namespaces/payments?window=5m`)
})

test('the namespace picker leads to a namespace, and narrows pages that can be', async ({ page }) => {
  await open(page, '/namespaces')
  const picker = page.getByRole('button', { name: /^Namespace:/ })
  await picker.click()
  const panel = page.getByRole('dialog', { name: 'Namespace' })
  await panel.getByRole('combobox').fill('shop')
  await expect(panel.getByRole('option')).toHaveCount(1)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`${base}/namespaces/shop`)
  await expect(picker).toHaveAccessibleName('Namespace: shop')
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Edges' }).click()
  await expect(page).toHaveURL(`${base}/edges`)
  await picker.click()
  await panel.getByRole('option', { name: /shop/ }).click()
  await expect(page).toHaveURL(`${base}/edges?namespace=shop`)
})

test('the filter narrows the workloads, is in the address, and Escape empties it', async ({ page }) => {
  await open(page, '/namespaces')
  const table = page.getByRole('table', { name: /each workload/ })
  const filter = page.getByRole('textbox', { name: 'Filter workloads' })
  await filter.fill('catal')
  await expect(table.locator('tbody tr')).toHaveCount(1)
  await expect(page).toHaveURL(/filter=catal/)
  await page.reload()
  await expect(table.locator('tbody tr')).toHaveCount(1)
  await filter.press('Escape')
  await expect(table).toContainText('legacy-batch')
})

test('g and a letter lead to a page over the same time, and ? tells of all keys', async ({ page }) => {
  await open(page, '/namespaces?window=5m')
  await page.keyboard.press('?')
  const keys = page.getByRole('dialog', { name: 'Keys' })
  await expect(keys).toContainText('Policies')
  expect(await seriousFindings(page, '[role=dialog]')).toEqual([])
  await page.keyboard.press('Escape')
  await expect(keys).toHaveCount(0)
  await page.keyboard.press('g')
  await page.keyboard.press('e')
  await expect(page).toHaveURL(`${base}/edges?window=5m`)
  await expect(page).toHaveTitle(/^Edges/)
})

test('each table of a page is sorted and narrowed by itself, and the address tells of it', async ({
  page,
}) => {
  await open(page, '/namespaces/shop')
  const pods = page.getByRole('table', { name: 'Golden metrics: Pods' })
  await pods.getByRole('button', { name: 'RPS', exact: true }).click()
  await expect(pods.getByRole('columnheader', { name: 'RPS' })).toHaveAttribute('aria-sort', 'descending')
  await page.getByRole('textbox', { name: 'Filter pods' }).fill('catalog')
  await expect(pods.locator('tbody tr')).toHaveCount(2)
  await expect(page).toHaveURL(/sort-pods=-rps&filter-pods=catalog/)
  await page.reload()
  await expect(pods.locator('tbody tr')).toHaveCount(2)
  await expect(pods.getByRole('columnheader', { name: 'RPS' })).toHaveAttribute('aria-sort', 'descending')
  await expect(page.locator('[aria-sort]')).toHaveCount(1)
})

test('pages and namespaces that are not there say so within the shell', async ({ page }) => {
  const answer = await page.goto(`${base}/nowhere`)
  expect(answer?.status()).toBe(404)
  await expect(heading(page)).toHaveText('There is no such page')
  await page.getByRole('link', { name: 'the overview' }).click()
  await expect(heading(page)).toHaveText('Mesh overview')
  await page.goto(`${base}/namespaces/nowhere`)
  await expect(page.getByText('Unknown namespace "nowhere"')).toBeVisible()
  await expect(page.getByText('Namespaces are')).toContainText('shop')
})

test('a sentence stands behind what is short: on hover, and by keyboard for a whole row', async ({
  page,
}) => {
  await open(page, '/namespaces')
  const row = page.getByRole('table', { name: /each workload/ }).getByRole('row', { name: /legacy-batch/ })
  const tooltip = page.getByRole('tooltip')
  await row.getByText('–').first().hover()
  await expect(tooltip).toContainText('Not meshed')
  await page.keyboard.press('Escape')
  await expect(tooltip).toHaveCount(0)
  await row.getByRole('link').first().focus()
  await expect(tooltip).toContainText(/RPS, .*Not meshed/)
  expect(await seriousFindings(page, '[role="tooltip"]')).toEqual([])
})

test('the keyboard reaches everything: first the content, then the shell in its order, and the palette gives back the focus', async ({
  page,
}) => {
  await open(page, '/namespaces')
  const focused = () =>
    page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
    )
  const seen: (string | null | undefined)[] = []
  for (let step = 0; step < 4; step++) {
    await page.keyboard.press('Tab')
    seen.push(await focused())
  }
  expect(seen).toEqual(['Skip to content', 'meshscope', 'Namespace: all', 'Overview'])
  const search = page.getByRole('button', { name: 'Search and commands' })
  await search.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Search and commands' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(search).toBeFocused()
  await page.getByRole('link', { name: 'Skip to content' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
})

test('axe has no serious finding on a namespace, with the time or the palette open, in light and in dark', async ({
  page,
}) => {
  const check = async (part: string) => {
    expect(await seriousFindings(page, part)).toEqual([])
  }
  test.slow()
  await open(page, '/namespaces/shop')
  await check('html')
  await page.getByRole('button', { name: 'Other…' }).click()
  await expect(page.getByRole('dialog', { name: 'Time' })).toBeVisible()
  await check('[role=dialog]')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('option').first()).toBeVisible()
  await check('[role=dialog]')
})
