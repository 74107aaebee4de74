import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findTools } from '#scripts/find-tools.ts'
import { freeSubnet } from './support/addresses.ts'
import { ComposeRun, servicesOfImage } from './support/compose.ts'
import { until } from './support/until.ts'

/** Room for a busy machine. */
const waitMs = 90_000
const root = resolve(import.meta.dirname, '..')
const compose = findTools('docker-compose')
const prometheus = findTools('prometheus')

interface Instruction {
  readonly name: string
  readonly text: string
}

/** The instructions of each stage of the Dockerfile. */
const stages = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .split(/^(?=FROM )/m)
  .map(stage =>
    stage.split('\n').flatMap((line): Instruction[] => {
      const [, name, text] = /^([A-Z]+) (.+)$/.exec(line) ?? []
      return name && text ? [{ name, text }] : []
    }),
  )
const [build = [], final = []] = stages
const imageCommand = JSON.parse(final.find(({ name }) => name === 'CMD')?.text ?? '[]') as readonly string[]

let directory: string
let built: string
let image: string
let run: ComposeRun | undefined
beforeAll(() => {
  mkdirSync(join(root, '.meshscope'), { recursive: true })
  directory = mkdtempSync(join(root, '.meshscope', 'compose-'))
  built = join(directory, 'build')
  image = join(directory, 'image')
})
afterAll(async () => {
  await run?.close()
  rmSync(directory, { recursive: true, force: true })
}, waitMs)

function sh(command: string, cwd: string): void {
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`)
}

test.skipIf(compose.areMissing)(
  `docker-compose.yml is what the Compose specification allows${compose.note}`,
  () => {
    const { stderr, status } = spawnSync('docker-compose', ['config', '-q'], { cwd: root, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  },
)

describe('the image', () => {
  test('is built by one service, and watched in each that serves', () => {
    const services = servicesOfImage()
    expect(Object.keys(services).filter(name => services[name]?.build !== undefined)).toEqual(['server'])
    const unwatched = Object.keys(services).filter(name => services[name]?.healthcheck === undefined)
    expect(unwatched).toEqual(['legacy-batch-0'])
    for (const [name, { network_mode: network, depends_on: needed }] of Object.entries(services)) {
      if (network !== undefined)
        expect({ name, needed }).toMatchObject({
          needed: { [network.replace('service:', '')]: { condition: 'service_healthy' } },
        })
    }
  })

  test('is run by another user than root, and copies only what is there', () => {
    expect(final.find(({ name }) => name === 'USER')?.text).toBe('node')
    const own = build
      .filter(({ name }) => name === 'COPY')
      .flatMap(({ text }) => text.split(' ').slice(0, -1))
    expect(own.filter(path => !existsSync(join(root, path)))).toEqual([])
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8')
    const kept = [...ignored.matchAll(/^!([^*\n]+)$/gm)].map(([, path = '']) => path)
    expect(kept.filter(path => !existsSync(join(root, path)))).toEqual([])
  })
})

test('docker-compose.yml runs the sample mesh, with mTLS over control ports that speak TLS', async () => {
  buildImage()
  run = new ComposeRun({ directory, image, subnet: await freeSubnet() })
  const compose = run
  const names = Object.keys(compose.services)
  expect(names.length).toBeGreaterThan(10)
  compose.start('server', imageCommand)
  try {
    await until('the server', () => compose.hasSaid('server', 'web ready'), waitMs)
    expect(await compose.isHealthy('server')).toBe(true)
    for (const name of names) if (name !== 'server') compose.start(name, imageCommand)
    const proxies = names.filter(name => name.endsWith('-proxy'))
    for (const name of proxies) {
      await until(name, () => compose.hasSaid(name, 'proxy ready'), waitMs)
      expect(await compose.isHealthy(name)).toBe(true)
    }
    expect(await compose.isHealthy('web-0')).toBe(true)

    const { rows: workloads } = await ask(compose, '/api/v1/golden?resource=deploy&namespace=_all&window=30s')
    expect(workloads.length).toBeGreaterThan(0)
    await until(
      'requests that web received',
      async () => {
        const { rows } = await ask(compose, '/api/v1/golden?resource=deploy/web&namespace=shop&window=30s')
        return Number(rows[0]?.golden?.requests) > 20
      },
      waitMs,
    )
    await until(
      'a secured edge from web to catalog',
      async () => {
        const { rows } = await ask(compose, '/api/v1/edges?resource=deploy&namespace=shop&window=30s')
        return rows.some(
          ({ source, destination, secured }) =>
            source?.name === 'web' && destination?.name === 'catalog' && secured === true,
        )
      },
      waitMs,
    )
    expect((await get(compose, '/namespaces')).status).toBe(200)
  } catch (cause) {
    throw new Error(compose.log(), { cause })
  }
}, 600_000)

test.skipIf(prometheus.areMissing)(
  `the Prometheus of the profile scrapes the server and every proxy${prometheus.note}`,
  async () => {
    const started = run?.startPrometheus()
    await until('all to be up', async () => started?.hasScrapedAll(), waitMs).catch((cause: unknown) => {
      throw new Error(run?.log(), { cause })
    })
  },
  2 * waitMs,
)

/**
 * Takes the Dockerfile's steps, in folders of its own: hard links stand for layers, and for what `npm ci` gives. The build
 * before the tests gave what `npm run build` then finds to be up to date.
 */
function buildImage(): void {
  const [installing, ...steps] = build.filter(({ name }) => name === 'RUN').map(({ text }) => text)
  expect(installing).toBe('npm ci --no-audit --no-fund')
  expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain(`\n${installing}\n`)
  for (const folder of [built, image]) mkdirSync(folder)
  const context = readFileSync(join(root, '.dockerignore'), 'utf8').matchAll(/^!(.+)$/gm)
  const sources = Array.from(context, ([, pattern]) => pattern).join(' ')
  sh(`cp -al node_modules ${sources} "${built}"`, root)
  sh(`cp -a dist .next "${built}"`, root)
  for (const text of steps) sh(text, built)
  for (const { name, text } of final) {
    if (name !== 'COPY') continue
    const [, from = '', to = ''] = /^--from=build \/app\/(\S+) \.\/(\S*)$/.exec(text) ?? []
    sh(`cp -al "${join(built, from)}" "${join(image, to)}"`, root)
  }
}

interface Row {
  readonly golden?: { readonly requests: number | null }
  readonly source?: { readonly name: string }
  readonly destination?: { readonly name: string }
  readonly secured?: boolean
}

async function ask(compose: ComposeRun, path: string): Promise<{ rows: readonly Row[] }> {
  return JSON.parse((await get(compose, path)).body) as { rows: readonly Row[] }
}

/** Asks the dashboard as a browser on this machine would: through the published port, as `localhost`. */
function get(compose: ComposeRun, path: string): Promise<{ status: number; body: string }> {
  return new Promise((done, fail) => {
    const headers = { host: 'localhost:8084' }
    request({ host: compose.ipOf('server'), port: 8084, path, headers }, response => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => done({ status: response.statusCode ?? 0, body }))
    })
      .on('error', fail)
      .end()
  })
}
