import { expect, type Page, test } from '@playwright/test'
import { demoAddress } from '#e2e/support/demo-address.ts'

const paths = [
  '/namespaces',
  '/namespaces/shop',
  '/namespaces/shop/deployments/web',
  '/namespaces/shop/statefulsets/cache',
  '/namespaces/batch/cronjobs/legacy-batch',
  '/namespaces/shop/pods/catalog-0',
  '/namespaces/shop/services/catalog',
  '/namespaces/shop/services/catalog/route?name=%5BDEFAULT%5D',
  '/routes',
  '/edges',
  '/policies',
  '/splits',
  '/topology',
  '/tap',
  '/checks',
] as const

/** How many live answers have to come after the first numbers. */
const updates = 2

const countShift = `window.shifted = 0
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value
  }).observe({ type: 'layout-shift', buffered: true })`

/** How quick pages are is not asked here. */
const timeout = 30_000

/** Resolves when nothing is loading any more and that many more answers have come. */
async function settle(page: Page, frames: { count: number }): Promise<void> {
  const strip = page.getByRole('region', { name: 'State of the data' })
  await expect(strip).toContainText(/\d proxies answering/, { timeout })
  await expect(page.locator('main [aria-busy="true"]')).toHaveCount(0, { timeout })
  const before = frames.count
  await expect.poll(() => frames.count, { intervals: [50], timeout }).toBeGreaterThanOrEqual(before + updates)
}

/** How many pages are open at a time: most of each one's time is waiting for answers. */
const tabs = 2

async function look(page: Page, waiting: string[]): Promise<void> {
  await page.addInitScript({ content: countShift })
  const frames = { count: 0 }
  page.on('websocket', socket => {
    socket.on('framereceived', ({ payload }) => {
      if (payload.includes('"update"')) frames.count++
    })
  })
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    await page.goto(`${demoAddress()}${path}`)
    await settle(page, frames)
    expect.soft(await page.evaluate<number>('window.shifted'), `shift of ${path}`).toBeLessThan(0.02)
    const isCut = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
    expect.soft(isCut, `${path} is wider than the window`).toBe(false)
  }
}

for (const width of [1440, 1024, 390]) {
  test(`nothing moves while pages fill with numbers and go on, and nothing is cut, at ${width} px`, async ({
    browser,
  }) => {
    test.slow()
    const context = await browser.newContext({ viewport: { width, height: 900 } })
    const waiting: string[] = [...paths]
    await Promise.all(Array.from({ length: tabs }, async () => look(await context.newPage(), waiting)))
    await context.close()
  })
}
