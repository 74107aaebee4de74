import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { appHost } from '#demo/launch/apps.ts'
import { readMesh } from '#demo/launch/read-mesh.ts'
import { SyntheticProxy } from '#demo/synthetic/exposition.ts'
import { syntheticGraph } from '#demo/synthetic/graph.ts'
import { canListen } from '#e2e/support/addresses.ts'
import { processesNaming, runDemo, temporaryDirectory } from '#e2e/support/demo.ts'
import { api, get } from '#e2e/support/requests.ts'
import { untilInDemo as until } from '#e2e/support/until.ts'
import type { GoldenAnswer } from '#lib/api/golden.ts'
import type { MarkersAnswer } from '#lib/api/markers.ts'
import type { SharedDemo } from './shared-demo.ts'

/** Each series' name with the names of its labels in order; all kinds of workloads are one. */
function shapesOf(exposition: string): ReadonlySet<string> {
  const series = exposition.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Set(
    series.map(line => {
      const labels = [...line.matchAll(/([a-z_]+)="/g)].map(([, name]) => name)
      const names = labels.map(name => (name === 'dst_statefulset' ? 'dst_deployment' : name))
      return `${/^[^{ ]+/.exec(line)?.[0]} ${names.join()}`
    }),
  )
}

/** Tests of what becomes of the demo as files change, others start, and it is told to end: it ends with the last. */
export function controlTests(demo: SharedDemo): void {
  test('a synthetic proxy prints what the proxies of the mesh print: names and labels alike', async () => {
    const real = new Set<string>()
    for (const { ip } of (await readMesh(demo.meshFile)).instances.filter(one => one.meshed)) {
      const { body } = await get({ host: ip, port: 4191, path: '/metrics' })
      for (const shape of shapesOf(body)) real.add(shape)
    }
    const { workloads, flows } = syntheticGraph(200, '127.24')
    const shapes = workloads
      .filter(({ isMeshed }) => isMeshed)
      .flatMap(one => [...shapesOf(new SyntheticProxy(one, flows).exposition(0, 600))])
    // Nobody without a certificate is refused in the sample mesh.
    const unseen = shapes.filter(shape => !real.has(shape) && !/deni|deny.*no_tls_reason/.test(shape))
    expect([...new Set(unseen)]).toEqual([])
  })

  test('a pod that comes gets its proxy and app while all runs, and one that leaves loses them', async () => {
    const file = demo.meshFile
    const before = readFileSync(file, 'utf8')
    const pod = before.split('---\n').find(document => document.includes('name: cart-0'))
    appendFileSync(
      file,
      `---\n${pod?.replace('cart-0', 'cart-1').replace(`${demo.subnet}.7`, `${demo.subnet}.40`)}`,
    )
    await until('requests at the new pod', async () => {
      const answer = await api<GoldenAnswer>(
        demo.base,
        '/golden?resource=pod/cart-1&namespace=shop&window=10s',
      )
      return (answer.rows[0]?.golden.requests ?? 0) > 0
    })
    expect(await canListen(`${demo.subnet}.40`, 4143)).toBe(false)
    writeFileSync(file, before)
    await until('its proxy to be gone', () => canListen(`${demo.subnet}.40`, 4143))
    await until('its app to be gone', () => canListen(appHost(`${demo.subnet}.40`), 8080))
  })

  test('what another start of it breaks is broken, told by a marker, and mended again', async () => {
    const tell = async (verb: string) => {
      const other = runDemo([verb, 'users', '--data-dir', demo.dataDirectory])
      expect(await other.ended).toBe(0)
      return other.output()
    }
    const failures = async () => {
      const answer = await api<GoldenAnswer>(
        demo.base,
        '/golden?resource=deploy/users&namespace=shop&window=10s',
      )
      const { successRate } = answer.rows[0]?.golden ?? {}
      return successRate === undefined || successRate === null ? null : 1 - successRate
    }
    await until('requests of users, all well', async () => (await failures()) === 0)
    expect(await tell('--break')).toContain('users is broken now')
    await until('users to fail', async () => ((await failures()) ?? 0) > 0.1)
    expect(await tell('--mend')).toContain('users is mended')
    const { rows: markers } = await api<MarkersAnswer>(demo.base, '/markers?window=5m')
    const titles = markers.map(({ title }) => title)
    expect(titles.filter(title => title.startsWith('Users'))).toEqual(['Users broken', 'Users mended'])
  })

  test('a calm one says nothing of a story', () => {
    expect(demo.run.output()).toContain('To try')
    expect(demo.run.output()).not.toMatch(/story|once in/i)
  })

  test('a second start says in one line who is there, and exits with 1', async () => {
    const second = runDemo(['--data-dir', demo.dataDirectory])
    expect(await second.ended).toBe(1)
    const lines = second.output().trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(demo.dataDirectory)
    expect(lines[0]).toMatch(/\d+/)
  })

  test('a mistake in the mesh file is told with file, line and field while all runs, and its mending', async () => {
    const file = demo.meshFile
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, before.replace('selector: { app: web }', 'selecter: { app: web }'))
    await until('the mistake', () => /mesh\.yaml:\d+:\d+.*selecter/.test(demo.run.output()))
    expect(demo.run.output()).not.toContain('can be read again')
    writeFileSync(file, before)
    await until('its mending', () => demo.run.output().includes('mesh.yaml can be read again'))
    expect(demo.run.output().match(/mesh\.yaml:\d+:\d+.*selecter/g)).toHaveLength(1)
  })

  test('what cannot be started is one line that names it, and exit 1', async () => {
    const other = temporaryDirectory()
    const broken = join(other.path, 'broken.yaml')
    writeFileSync(
      broken,
      readFileSync(demo.meshFile, 'utf8').replace('selector: { app: web }', 'selecter: { app: web }'),
    )
    const refusals: readonly (readonly [args: readonly string[], line: RegExp])[] = [
      [['--mesh-file', broken, '--data-dir', join(other.path, 'data')], /broken\.yaml:\d+:\d+.*selecter/],
      // The dashboard of this one has the port.
      [['--port', String(demo.port), '--data-dir', join(other.path, 'other')], new RegExp(String(demo.port))],
      [['--mend', 'users', '--break', 'payments'], /--break and --mend: expected one of them/],
      [['--nodes', '20', '--break', 'users'], /--break: expected the sample mesh/],
    ]
    const runs = refusals.map(([args]) => runDemo(args))
    for (const [i, one] of runs.entries()) {
      expect(await one.ended).toBe(1)
      const lines = one.output().trim().split('\n')
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(refusals[i]?.[1] ?? '')
    }
    other.remove()
  })

  test('Ctrl-C leaves no process and no port', async () => {
    demo.run.interrupt()
    expect(await demo.run.ended).toBe(0)
    await until('every process to be gone', () => processesNaming(demo.directory.path).length === 0)
    expect(await canListen('127.0.0.1', demo.port)).toBe(true)
    for (let host = 2; host <= 15; host++) {
      for (const proxyPort of [4140, 4143, 4191])
        expect(await canListen(`${demo.subnet}.${host}`, proxyPort)).toBe(true)
    }
  })
}
