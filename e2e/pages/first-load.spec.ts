import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, type Page, test } from '@playwright/test'
import { getThrough } from '#e2e/support/requests.ts'
import { makeTestMesh, type TestMesh } from '#e2e/support/test-mesh.ts'

/** Module scripts that a page's HTML names, and all scripts until its numbers show, in KB of gzip -9. */
const limits = { named: 185, untilNumbers: 300 }

/** What stands for the moving parts of addresses; a page with another part fails until it is told here. */
const examples: Readonly<Record<string, string>> = {
  namespace: 'test',
  ns: 'test',
  kind: 'deployments',
  name: 'server',
  service: 'server',
  id: 'none',
}

const queries: Readonly<Record<string, string>> = {
  '/namespaces/[namespace]/services/[name]/route': '?name=GET+%2F',
  // Of a mesh where all is well it shows only how many there are, until something is selected.
  '/topology': '?node=test/deployment/server',
}

/** Pages that show no number before somebody presses a button: none is waited for. */
const withoutNumbers: ReadonlySet<string> = new Set(['/tap'])

/** Room for a busy machine: what is fetched until then counts, not when that is. */
const numbersWithinMs = 20_000

/** A measured number with its unit, as every page that has numbers shows one; those of axes have no decimals. */
const number = /\d\.\d+\s?(%|ms|s|rps|k?B\/s)/

const built = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../.next/app-path-routes-manifest.json'), 'utf8'),
) as Readonly<Record<string, string>>
const routes = Object.entries(built)
  .filter(([file, route]) => file.endsWith('/page') && !route.startsWith('/_'))
  .map(([, route]) => route)
  .sort()

/** Only a service with a profile has numbers by route, and only one that is split has shares. */
const profileAndSplit = `
apiVersion: split.smi-spec.io/v1alpha2
kind: TrafficSplit
metadata: { name: server, namespace: test }
spec:
  service: server
  backends: [{ service: server, weight: 1 }]
---
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: { name: server.test.svc.cluster.local, namespace: test }
spec:
  routes:
    - name: GET /
      condition: { method: GET, pathRegex: / }
`

let mesh: TestMesh
let timer: NodeJS.Timeout
let base: string

test.beforeAll(async () => {
  mesh = await makeTestMesh({
    pods: [
      { name: 'client', host: 2 },
      { name: 'server', host: 3 },
    ],
    services: ['server'],
    more: profileAndSplit,
  })
  await mesh.serve('server', (_, response) => response.end('ok'))
  base = await mesh.mesh.start(['--port', '0'])
  const client = mesh.instance('client')
  timer = setInterval(() => void getThrough(client, 'server', '/').catch(() => {}), 50)
})

test.afterAll(async () => {
  clearInterval(timer)
  await mesh.close()
})

test('every page is light at first load', async ({ browser }) => {
  test.setTimeout(30_000 + routes.length * 2 * numbersWithinMs)
  const rows: { route: string; named: number; untilNumbers: number }[] = []
  const sizeBytes = new Map<string, number>()
  for (const route of routes) {
    const context = await browser.newContext()
    const page = await context.newPage()
    const address = `${base}${addressOf(route)}`
    const untilNumbers = await scriptsUntilNumbers(
      page,
      address,
      withoutNumbers.has(route) ? 0 : numbersWithinMs,
    )
    const html = await (await context.request.get(address)).text()
    const named = moduleScripts(html).map(path => new URL(path, base).href)
    for (const url of new Set([...named, ...untilNumbers])) {
      if (sizeBytes.has(url)) continue
      const script = await (await context.request.get(url)).body()
      sizeBytes.set(url, gzipSync(script, { level: 9 }).length)
    }
    const sumKb = (urls: Iterable<string>): number =>
      [...urls].reduce((sum, url) => sum + (sizeBytes.get(url) ?? 0), 0) / 1000
    rows.push({ route, named: sumKb(named), untilNumbers: sumKb(new Set([...named, ...untilNumbers])) })
    await context.close()
  }
  console.log(
    [
      `first load, KB of gzip -9${' '.repeat(31)}named ≤ ${limits.named}   until numbers ≤ ${limits.untilNumbers}`,
      ...rows.map(
        ({ route, named, untilNumbers }) =>
          `${route.padEnd(56)}${named.toFixed(1).padStart(11)}${untilNumbers.toFixed(1).padStart(24)}`,
      ),
    ].join('\n'),
  )
  const heavy = rows.filter(row => row.named > limits.named || row.untilNumbers > limits.untilNumbers)
  expect(heavy).toEqual([])
  expect(rows.length).toBeGreaterThan(0)
})

function addressOf(route: string): string {
  const path = route.replace(/\[\[?(?:\.\.\.)?(\w+)\]?\]/g, (_, part: string) => {
    const example = examples[part]
    if (example === undefined)
      throw new Error(`Cannot open ${route}: expected an example of ${part} in this file`)
    return example
  })
  return `${path}${queries[route] ?? ''}`
}

/** Addresses of the scripts that a browser runs which knows modules, as the HTML names them. */
function moduleScripts(html: string): string[] {
  return [...html.matchAll(/<script\b([^>]*)>/g)].flatMap(([, attributes = '']) => {
    const path = /\ssrc="([^"]+)"/.exec(` ${attributes}`)?.[1]
    return path === undefined || /\snomodule/i.test(` ${attributes}`) ? [] : [path]
  })
}

/** Scripts that had been fetched when the page showed its first number. Throws when it shows none in time; 0: none is waited for. */
async function scriptsUntilNumbers(
  page: Page,
  address: string,
  timeoutMs: number,
): Promise<ReadonlySet<string>> {
  await page.addInitScript(pattern => {
    const number = new RegExp(pattern)
    const observer = new MutationObserver(() => {
      if (!number.test(document.querySelector('#main')?.textContent ?? '')) return
      observer.disconnect()
      Reflect.set(window, 'numbersAtMs', performance.now())
    })
    observer.observe(document, { subtree: true, childList: true, characterData: true })
  }, number.source)
  await page.goto(address)
  if (timeoutMs > 0) {
    await page
      .waitForFunction(() => Reflect.has(window, 'numbersAtMs'), null, { timeout: timeoutMs })
      .catch((cause: unknown) => {
        throw new Error(`Cannot measure ${address}: expected a number within ${timeoutMs} ms`, { cause })
      })
  }
  const urls = await page.evaluate(() => {
    const untilMs = Number(Reflect.get(window, 'numbersAtMs') ?? 0)
    const fetched = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
    return fetched.filter(({ responseEnd }) => responseEnd <= untilMs).map(({ name }) => name)
  })
  return new Set(urls.filter(url => new URL(url).pathname.endsWith('.js')))
}
