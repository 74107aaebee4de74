import { expect, type Locator, type Page, test } from '@playwright/test'
import { demoAddress } from '#e2e/support/demo-address.ts'

const base = demoAddress()

/** Sorted by a number that the test turns round: what is first becomes last. */
const tables: readonly { readonly path: string; readonly table: RegExp }[] = [
  { path: '/namespaces?sort=-rps', table: /each workload/ },
  { path: '/namespaces/shop?sort-pods=-rps', table: /Pods/ },
  { path: '/namespaces/shop/deployments/web?sort-outbound=-rps', table: /^Outbound/ },
  { path: '/routes?sort=-rps', table: /each route/ },
  { path: '/edges?sort=-rps', table: /^Edges/ },
  { path: '/policies?sort=-rps', table: /^Ports/ },
  { path: '/policies?sort-authorizations=-rps', table: /^Authorizations/ },
  { path: '/splits?sort=-rps', table: /^Backends/ },
  { path: '/topology?view=table&sort-nodes=-rps', table: /^Every node/ },
]

/** Gives every row of every answer a rate of its own, and turns their order round when it is told. */
class Rates {
  readonly #ranks = new Map<string, number>()
  isTurned = false

  /** The same text with other rates. */
  rewrite(text: string): string {
    const start = text.search(/[[{]/)
    if (start < 0) return text
    try {
      const message: unknown = JSON.parse(text.slice(start))
      this.#change(message)
      return text.slice(0, start) + JSON.stringify(message)
    } catch {
      return text
    }
  }

  /** `path` stands for what has no id of its own. */
  #change(value: unknown, path = ''): void {
    if (typeof value !== 'object' || value === null) return
    const id = 'id' in value && typeof value.id === 'string' ? value.id : path
    for (const name of ['golden', 'effective', 'allowed']) this.#rate(id, Reflect.get(value, name))
    for (const [name, inner] of Object.entries(value)) this.#change(inner, `${id}/${name}`)
  }

  #rate(id: string, golden: unknown): void {
    if (typeof golden !== 'object' || golden === null || Reflect.get(golden, 'rps') === null) return
    const rank = this.#ranks.get(id) ?? this.#ranks.size
    this.#ranks.set(id, rank)
    Reflect.set(golden, 'rps', this.isTurned ? 1_000 - rank : 100 + rank)
  }
}

async function intercept(page: Page): Promise<Rates> {
  const rates = new Rates()
  await page.routeWebSocket(/socket\.io/, socket => {
    const server = socket.connectToServer()
    server.onMessage(message => socket.send(typeof message === 'string' ? rates.rewrite(message) : message))
  })
  await page.route('**/api/v1/**', async route => {
    const response = await route.fetch()
    await route.fulfill({ response, body: rates.rewrite(await response.text()) })
  })
  return rates
}

const orderIn = (table: Locator) =>
  table
    .locator('tbody tr[data-row]')
    .evaluateAll(rows => rows.map(row => row.getAttribute('data-row')).join('\n'))

/** The rows whose numbers came live, in their order: idle ones are sent once. */
const turnedIn = async (table: Locator) =>
  (await table.locator('tbody tr[data-row]').allTextContents()).filter(text => /\d{3}\.?\d* ?rps/.test(text))

// What is on its way when a test ends is answered to nobody.
test.afterEach(({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' }))

for (const { path, table: name } of tables) {
  test(`no row of ${path} moves under the pointer while its numbers change`, async ({ page }) => {
    const rates = await intercept(page)
    await page.clock.install()
    await page.goto(`${base}${path}`)
    const table = page.getByRole('table', { name })
    await expect.poll(async () => (await turnedIn(table)).length).toBeGreaterThan(1)
    await table.locator('tbody tr[data-row]').first().hover()
    const before = await orderIn(table)
    rates.isTurned = true
    await expect
      .poll(async () => (await turnedIn(table)).filter(text => /9\d\d/.test(text)).length)
      .toBeGreaterThan(1)
    await page.clock.runFor(20_000)
    expect(await orderIn(table)).toBe(before)
    await page.mouse.move(2, 2)
    await page.clock.runFor(6_000)
    await expect.poll(() => orderIn(table)).not.toBe(before)
  })
}
