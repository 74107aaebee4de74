import { expect, test } from '@playwright/test'
import { demoAddress } from '#e2e/support/demo-address.ts'
import { api, getThrough } from '#e2e/support/requests.ts'
import { seriousFindings } from '#e2e/support/serious-findings.ts'
import { makeTestMesh, type TestMesh } from '#e2e/support/test-mesh.ts'
import type { RoutesAnswer } from '#lib/api/routes.ts'

/** A name with all that addresses give a meaning to. */
const oddName = 'GET /a b/{id}?x=1&y=%2F#é+漢'

const profile = JSON.stringify({
  apiVersion: 'linkerd.io/v1alpha2',
  kind: 'ServiceProfile',
  metadata: { name: 'server.test.svc.cluster.local', namespace: 'test' },
  spec: {
    routes: [
      { name: 'GET /items', condition: { method: 'GET', pathRegex: '/items' }, timeout: '2s' },
      { name: oddName, condition: { method: 'GET', pathRegex: '/odd' } },
    ],
  },
})

interface Rows {
  readonly rows: readonly {
    readonly route: string
    readonly effective: { readonly requests: number | null }
  }[]
}

let mesh: TestMesh
let timer: NodeJS.Timeout
let base: string

const chargesOf = ({ rows }: RoutesAnswer) => {
  const found = rows.find(({ route }) => route === 'POST /charges')
  if (found === undefined) throw new Error('Cannot find the route of charges among those of payments')
  return found
}

test.beforeAll(async () => {
  mesh = await makeTestMesh({
    pods: [
      { name: 'client', host: 2 },
      { name: 'server', host: 3 },
      { name: 'bare', host: 4 },
    ],
    services: ['server', 'bare'],
    more: profile,
  })
  await mesh.serve('server', (request, response) => {
    response.statusCode = request.url === '/odd' ? 503 : 200
    response.end('ok')
  })
  base = await mesh.mesh.start(['--port', '0'])
  const client = mesh.instance('client')
  const paths = ['/items', '/items', '/odd', '/other']
  let next = 0
  timer = setInterval(() => {
    const path = paths[next++ % paths.length] ?? '/'
    void getThrough(client, 'server', path).catch(() => {})
  }, 25)
  await expect
    .poll(async () => {
      const { rows } = await api<Rows>(base, '/routes?resource=svc/server&namespace=test')
      return Math.min(...rows.map(row => row.effective.requests ?? 0))
    })
    .toBeGreaterThan(10)
})

test.afterAll(async () => {
  clearInterval(timer)
  await mesh.close()
})

test('the routes page lists the routes of all, of a namespace, and of one service', async ({ page }) => {
  await page.goto(`${base}/routes`)
  const table = page.getByRole('table', { name: 'Golden metrics of each route' })
  const items = table.getByRole('row', { name: /GET \/items/ })
  await expect(items).toContainText(/rps.*100\.00\s?%.*ms/s)
  await expect(items).toContainText('2 s')
  await expect(table.getByRole('row', { name: /漢/ })).toContainText(/0\.00\s?%/)
  await expect(page.getByText('requests that match no route of the ServiceProfile')).toBeVisible()
  await expect(page.getByText('test/bare has no ServiceProfile')).toBeVisible()
  await expect(page.getByText('meshscope routes svc -A')).toBeVisible()

  await page.getByLabel('Routes of').selectOption({ label: 'test/svc/server' })
  await expect(page).toHaveURL(/namespace=test&resource=svc%2Fserver/)
  await expect(page.getByText('meshscope routes svc/server -n test')).toBeVisible()
  await expect(page.getByText('has no ServiceProfile')).toHaveCount(0)
  await page.reload()
  await expect(page.getByLabel('Routes of')).toHaveValue('test svc/server')
  await page.goBack()
  await expect(page.getByText('meshscope routes svc -A')).toBeVisible()
})

test('the routes of the demo tell calls of gRPC and a stream, the feed, timeouts, and what retries saved', async ({
  page,
}) => {
  const demo = demoAddress()
  // Wide enough for every column.
  await page.setViewportSize({ width: 1600, height: 900 })
  await page.goto(`${demo}/routes?namespace=shop&window=10m`)
  const row = (name: RegExp) => page.getByRole('row', { name })
  await expect(row(/Carts\/Get/)).toContainText(/rps.*\d ?%.*ms.*1\s?s/s)
  await expect(row(/Carts\/ListItems/)).toContainText(/rps.*\d ?%.*none/s)
  await expect(row(/GET \/feed/)).toContainText('shop/web')

  const question = '/routes?resource=svc/payments&namespace=payments'
  let answer: RoutesAnswer | undefined
  await expect
    .poll(
      async () => {
        answer = await api<RoutesAnswer>(demo, `${question}&window=10m`)
        return (chargesOf(answer).actual.requests ?? 0) - (chargesOf(answer).effective.requests ?? 0)
      },
      { timeout: 45_000 },
    )
    .toBeGreaterThan(0)
  // A range that is past has the same numbers whoever asks.
  const { start, end } = answer?.span ?? { start: '', end: '' }
  const range = new URLSearchParams({ start, end })
  const { effective, actual } = chargesOf(await api<RoutesAnswer>(demo, `${question}&${range}`))
  await page.goto(`${demo}${question}&${range}`)
  const charges = row(/POST \/charges/)
  await expect(charges).toContainText(/retryable.*500\s?ms/s)
  const shown = [...((await charges.textContent()) ?? '').matchAll(/(\d+\.\d+)\s?%/g)].map(([, text]) =>
    Number(text),
  )
  const told = [effective, actual].map(({ successRate }) => 100 * (successRate ?? 0))
  expect(shown).toHaveLength(2)
  for (const [index, percent] of shown.entries())
    expect(Math.abs(percent - (told[index] ?? 0))).toBeLessThan(0.011)
  expect(shown[0]).toBeGreaterThan(shown[1] ?? 100)
})

test('a route has a page of its own, whatever its name holds', async ({ page }) => {
  await page.goto(`${base}/routes?namespace=test&resource=svc/server`)
  await page.getByRole('link', { name: oddName }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(oddName)
  expect(new URL(page.url()).searchParams.get('name')).toBe(oddName)
  await expect(page.getByRole('article', { name: 'Success rate' })).toContainText(/0\.00\s?%/)
  await expect(page.getByRole('article', { name: 'Status codes' })).toContainText('503')
  await expect(page.getByRole('table', { name: /^Callers/ })).toContainText('test/client')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(oddName)
})

test('a copied link shows the same numbers to whoever opens it later', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: base })
  await page.goto(`${base}/namespaces/test/services/server/route?name=GET%20%2Fitems&window=1m`)
  const requests = page.locator('[aria-label="Requests"] p').last()
  await expect(requests).toHaveText(/\d\s?requests/)
  // The link is of the numbers shown when it is copied: both are read in one turn of the page.
  const shown = await page.evaluate<string>(`(() => {
    const numbers = [...document.querySelectorAll('[aria-label="Requests"] p')].at(-1).textContent
    const copy = [...document.querySelectorAll('button')].find(one => one.textContent === 'Copy link')
    copy.click()
    return numbers
  })()`)
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  const link = await page.evaluate<string>('navigator.clipboard.readText()')
  expect(Object.fromEntries(new URL(link).searchParams)).toEqual({
    name: 'GET /items',
    start: expect.stringMatching(/Z$/),
    end: expect.stringMatching(/Z$/),
  })
  // Time goes on before the other looks.
  await expect(requests).not.toHaveText(shown)
  const other = await context.newPage()
  await other.goto(link)
  const numbers = other.locator('[aria-label="Requests"] p').last()
  await expect(numbers).toHaveText(shown)
  await other.close()
})

test('routes that do not exist, and addresses without one, are told', async ({ page }) => {
  await page.goto(`${base}/namespaces/test/services/server/route?name=GET%20%2Fnope`)
  await expect(page.getByRole('main')).toContainText('GET /items')
  await expect(page.getByRole('main').getByRole('status')).toBeVisible()
  await page.goto(`${base}/namespaces/test/services/server/route`)
  await expect(page.getByText('The address names no route')).toBeVisible()
})

test('axe has no serious finding on the pages of routes, in light and in dark', async ({ page }) => {
  await page.goto(`${base}/routes`)
  await expect(page.getByRole('row', { name: /GET \/items/ })).toContainText('ms')
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('link', { name: 'GET /items' }).click()
  await expect(page.getByRole('article', { name: 'Latency' }).getByRole('img')).toBeVisible()
  expect(await seriousFindings(page)).toEqual([])
})
