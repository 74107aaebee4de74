import { expect, type Page, test } from '@playwright/test'
import { demoAddress } from '#e2e/support/demo-address.ts'
import { seriousFindings } from '#e2e/support/serious-findings.ts'
import { largeAnswer, testEdge, testNode } from '#lib/api/test-topology.ts'
import { type TopologyAnswer, topologyAnswerSchema } from '#lib/api/topology.ts'
import { foldTopology } from '#lib/topology/fold.ts'
import { readUnfolded } from '#lib/topology/unfolded.ts'

const base = demoAddress()

const edgeTable = (page: Page) => page.getByRole('table', { name: /every edge/i })
const nodeTable = (page: Page) => page.getByRole('table', { name: /every node/i })
const picture = (page: Page) => page.getByRole('listbox', { name: /Topology/ })
const details = (page: Page) => page.getByRole('complementary', { name: 'Details' })

/** Answers the page's questions with a topology of the test, folded as asked, over a range that is past and therefore asked once. */
async function showAnswer(page: Page, answer: TopologyAnswer, search = ''): Promise<void> {
  await page.route('**/api/v1/topology?*', route => {
    const { searchParams } = new URL(route.request().url())
    const isFolded = searchParams.get('fold') === 'auto'
    const drawn = isFolded ? foldTopology(answer, readUnfolded(searchParams.get('unfold'))) : answer
    return route.fulfill({ json: { ...answer, ...drawn } })
  })
  await page.goto(`${base}/topology?start=2026-01-01T00:00:00Z&end=2026-01-01T00:01:00Z${search}`)
}

/** Waits for the picture, and opens a node that is looked for: it is in the middle then. */
async function seek(page: Page, name: string): Promise<{ x: number; y: number }> {
  await expect(page.getByText('Arranging the picture')).toHaveCount(0)
  await picture(page).focus()
  await page.keyboard.press('/')
  await expect(page.getByRole('combobox', { name: 'Find a node' })).toBeFocused()
  await page.keyboard.type(name)
  await page.keyboard.press('Enter')
  await expect(details(page).getByRole('heading', { level: 2 })).toContainText(name)
  const box = await picture(page).boundingBox()
  if (box === null) throw new Error('Cannot find the picture: expected it on the page')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** How much of the picture is painted. */
function paintedShare(page: Page): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('canvas')
    if (canvas === null || canvas.width === 0) return 0
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let painted = 0
    for (let at = 3; at < data.length; at += 4) if (data[at] > 0) painted++
    return painted / (data.length / 4)
  })()`)
}

test('the tables tell every node and edge of the demo, with its lock', async ({ page }) => {
  await page.goto(`${base}/topology?view=table`)
  await expect(edgeTable(page)).toContainText('batch/legacy-batch → shop/users', { timeout: 30_000 })
  const name = (id: string) => id.replace(/\/[^/]+\//, '/')
  // Asked again until both are of one moment: edges come and go.
  await expect(async () => {
    const answer = topologyAnswerSchema.parse(
      await (await page.request.get(`${base}/api/v1/topology`)).json(),
    )
    expect(answer.edges.length).toBeGreaterThan(3)
    const rows = await edgeTable(page).getByRole('row').allTextContents()
    const nodes = (await nodeTable(page).textContent()) ?? ''
    for (const { source, destination, mtls } of answer.edges) {
      const row = rows.find(text => text.startsWith(`${name(source)} → ${name(destination)}`)) ?? ''
      expect(row).toContain(name(destination))
      if (mtls === 'all') expect(row).toContain('mTLS')
    }
    expect(rows).toHaveLength(answer.edges.length + 1)
    for (const node of answer.nodes) expect(nodes).toContain(node.name)
  }).toPass({ timeout: 30_000 })
  const insecure = edgeTable(page).getByRole('row', { name: 'batch/legacy-batch → shop/users' })
  await expect(insecure).toContainText('Not Provided By Remote')
  await expect(nodeTable(page).getByRole('row', { name: /legacy-batch/ })).toContainText('not meshed')
  const denied = edgeTable(page).getByRole('row', { name: 'batch/scraper → payments/payments' })
  await expect(denied).toContainText(/⊘ \d+/, { timeout: 30_000 })
  await expect(denied).not.toContainText('%')
  const cache = edgeTable(page).getByRole('row', { name: 'shop/catalog → shop/cache' })
  await expect(cache).toContainText('mTLS')
  await expect(cache).toContainText(/\d ?[kM]?B\/s/)
})

test('the picture is asked for once, before the page is there', async ({ page }) => {
  const asked: string[] = []
  page.on('request', request => {
    const { pathname, searchParams } = new URL(request.url())
    if (pathname === '/api/v1/topology') asked.push(searchParams.toString())
  })
  const minuteAgo = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 60_000)
    .toISOString()
    .replace('.000', '')
  const minute = `end=${encodeURIComponent(new Date(Date.parse(minuteAgo) + 60_000).toISOString().replace('.000', ''))}`
  const searches = {
    '': 'fold=auto&groupBy=workload&window=1m',
    'groupBy=service&namespace=shop&window=5m&label=p95':
      'fold=auto&groupBy=service&namespace=shop&window=5m',
    'unfold=shop': 'fold=auto&groupBy=workload&unfold=shop&window=1m',
    [`start=${encodeURIComponent(minuteAgo)}&${minute}`]: `${minute}&fold=auto&groupBy=workload&start=${encodeURIComponent(minuteAgo)}`,
  }
  for (const [search, question] of Object.entries(searches)) {
    asked.length = 0
    await page.goto(`${base}/topology?${search}`)
    await expect(picture(page)).toBeVisible()
    expect(asked).toEqual([question])
  }
  await page.goto(`${base}/namespaces?window=5m`)
  await expect(page.getByRole('table').first()).toContainText('shop')
  asked.length = 0
  const link = page.getByRole('link', { name: 'Topology' })
  await link.hover()
  await expect.poll(() => asked).toEqual(['fold=auto&groupBy=workload&window=5m'])
  await link.click()
  await expect(picture(page)).toBeVisible()
  expect(asked).toHaveLength(1)
})

test('keys walk along calls, open a node and close it', async ({ page }) => {
  await page.goto(`${base}/topology`)
  await expect(page.getByText('Arranging the picture')).toHaveCount(0)
  await seek(page, 'traffic')
  await picture(page).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/node=shop%2Fdeployment%2Fweb/)
  await expect(details(page)).toContainText('Called by')
  await expect(details(page)).toContainText('meshscope stat deploy/web -n shop')
  await page.keyboard.press('Escape')
  await expect(page).not.toHaveURL(/node=/)
})

test('on a narrow screen calls go down, and the tools stay in two lines', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${base}/topology`)
  await expect.poll(() => paintedShare(page)).toBeGreaterThan(0.02)
  const top = async (name: string) => (await page.getByRole('radio', { name }).boundingBox())?.y
  expect(await top('Workload')).toBe(await top('RPS'))
  await seek(page, 'traffic')
  await picture(page).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/node=shop%2Fdeployment%2Fweb/)
})

test('an edge opens from its neighbour, and says how it is secured', async ({ page }) => {
  await page.goto(`${base}/topology?node=batch/cronjob/legacy-batch`)
  await details(page)
    .getByRole('button', { name: /shop\/users/ })
    .click()
  await expect(page).toHaveURL(/edge=/)
  const security = details(page).getByRole('region', { name: 'Security' })
  await expect(security).toContainText('Not Provided By Remote')
  await expect(security).toContainText('spoke plain text')
  await page.goBack()
  await expect(page).toHaveURL(/node=batch/)
})

test('grouping, labels and filters are in the address, and a reload shows the same', async ({ page }) => {
  await page.goto(`${base}/topology?view=table`)
  await expect(edgeTable(page)).toContainText('shop/web', { timeout: 30_000 })
  await page.getByText('Not mTLS', { exact: false }).first().click()
  await expect(edgeTable(page).getByRole('row', { name: /traffic/ })).toHaveCount(0)
  await page.getByText('Namespace', { exact: true }).click()
  await page.getByText('P95', { exact: true }).first().click()
  await expect(page).toHaveURL(/view=table&show=not-mtls&groupBy=namespace&label=p95/)
  await page.reload()
  await expect(page.getByRole('radio', { name: 'Namespace' })).toBeChecked()
  await expect(edgeTable(page)).toContainText('batch → shop')
})

test('a node can be clicked and dragged, and stays where it was put', async ({ page }) => {
  await page.goto(`${base}/topology`)
  const at = await seek(page, 'users')
  await page.keyboard.press('Escape')
  await page.mouse.click(at.x + 200, at.y + 180)
  await expect(page).not.toHaveURL(/node=/)
  await page.mouse.click(at.x, at.y)
  await expect(page).toHaveURL(/node=shop%2Fdeployment%2Fusers/)
  await page.mouse.move(at.x, at.y)
  await page.mouse.down()
  await page.mouse.move(at.x + 60, at.y + 140, { steps: 4 })
  await page.mouse.up()
  const kept = () => page.evaluate<string | null>("localStorage.getItem('meshscope.topology.workload ')")
  await expect.poll(kept).toContain('shop/deployment/users')
  await page.reload()
  await seek(page, 'users')
  const reset = page.getByRole('button', { name: 'Reset layout' })
  await expect(reset).toHaveAttribute('aria-description', /1 moved/)
  await reset.click()
  await expect.poll(kept).toBeNull()
})

test('what is denied, retried, idle, unmeshed, external or only an identity is told apart', async ({
  page,
}) => {
  const [web, idle, outside, account, scraper] = [
    'shop/deployment/web',
    'shop/deployment/spare',
    '/external/api.example.com:443',
    'ops/serviceaccount/probe',
    'batch/deployment/scraper',
  ]
  const large = largeAnswer(2, 1)
  await showAnswer(
    page,
    {
      ...large,
      nodes: [
        testNode(web, { badges: ['denied'] }),
        testNode(idle, { badges: ['idle'] }),
        testNode(outside, { meshed: false }),
        testNode(account),
        testNode(scraper),
      ],
      edges: [
        testEdge(web, outside, { mtls: 'unknown', secured: false, reasons: [] }),
        testEdge(account, web, { effective: { ...testNode(web).golden, requests: 570 }, retries: 30 }),
        testEdge(scraper, web, { denied: 12, golden: { ...testNode(web).golden, successRate: 0 } }),
      ],
    },
    '&view=table',
  )
  const denied = edgeTable(page).getByRole('row', { name: /scraper/ })
  await expect(denied).toContainText('⊘ 12')
  await expect(denied).not.toContainText('100')
  await expect(nodeTable(page).getByRole('row', { name: /spare/ })).toContainText('idle')
  await expect(nodeTable(page).getByRole('row', { name: /api.example.com/ })).toContainText('external')
  await expect(nodeTable(page).getByRole('row', { name: /probe/ })).toContainText('identity only')
  await edgeTable(page).getByRole('button', { name: /probe/ }).click()
  await expect(details(page).getByRole('region', { name: 'After retries' })).toContainText('30 retries')
  await page.getByText('Denied', { exact: false }).first().click()
  await expect(edgeTable(page).getByRole('row')).toHaveCount(2)
})

test('a mesh of a thousand nodes folds, keeps what fails in sight, and can be moved', async ({ page }) => {
  await page.addInitScript({
    content: `window.tasksMs = []; new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) tasksMs.push(Math.round(duration))
    }).observe({ type: 'longtask', buffered: true })`,
  })
  const startedMs = Date.now()
  const asked: URLSearchParams[] = []
  page.on('request', request => {
    const { pathname, searchParams } = new URL(request.url())
    if (pathname === '/api/v1/topology') asked.push(searchParams)
  })
  await showAnswer(page, largeAnswer(1_000, 1_800))
  await expect(details(page)).toContainText('25 namespaces are folded')
  await expect(details(page).getByRole('region', { name: 'Failing' }).getByRole('listitem')).not.toHaveCount(
    0,
  )
  await expect(page.getByText('Arranging the picture')).toHaveCount(0)
  const usableMs = Date.now() - startedMs
  // The page reads no more of the mesh than it shows.
  expect(asked.map(params => params.get('fold'))).toEqual(['auto'])
  await page.getByRole('button', { name: 'Unfold all' }).click()
  await expect(picture(page)).toHaveAttribute('aria-label', /1000 nodes and 1800 edges/)
  expect(asked.map(params => params.get('unfold'))).toEqual([null, '_all'])
  await expect(page.getByText('Arranging the picture')).toHaveCount(0)
  const at = await seek(page, 'app-500')
  const frames = page.evaluate<number>(`new Promise(done => {
    const startMs = performance.now()
    let count = 0
    requestAnimationFrame(function next(nowMs) {
      count++
      if (nowMs - startMs < 1_500) requestAnimationFrame(next)
      else done((count * 1_000) / (nowMs - startMs))
    })
  })`)
  await page.mouse.move(at.x, at.y + 200)
  for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, turn < 10 ? 120 : -120)
  await expect.poll(() => paintedShare(page)).toBeGreaterThan(0.02)
  const tasksMs = await page.evaluate<readonly number[]>('tasksMs')
  console.log(
    `1,000 nodes: usable after ${usableMs} ms, ${(await frames).toFixed(0)} frames per second while zooming, tasks over 50 ms: ${JSON.stringify(tasksMs)}`,
  )
})

test('axe has no serious finding on the topology, in light and in dark', async ({ page }) => {
  for (const search of ['?node=shop/deployment/web', '?view=table']) {
    await page.goto(`${base}/topology${search}`)
    await expect(page.getByRole('main')).toContainText('shop/', { timeout: 30_000 })
    await expect(page.getByText('Arranging the picture')).toHaveCount(0)
    expect(await seriousFindings(page)).toEqual([])
  }
})
