import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const mesh = `
apiVersion: v1
kind: Pod
metadata:
  name: web-0
  namespace: shop
  labels: { linkerd.io/proxy-deployment: web, linkerd.io/control-plane-ns: linkerd }
status: { podIP: 127.77.0.2 }
`

let root: string
const children: ChildProcess[] = []
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'meshscope-main-'))
  await writeFile(join(root, 'mesh.yaml'), mesh)
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await rm(root, { recursive: true, force: true })
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What runs in the process before the server does. */
interface Preload {
  readonly preload: string
}

interface Started {
  readonly child: ChildProcess
  /** All of its output so far, and of its errors. */
  readonly said: () => string
  readonly complained: () => string
  readonly ended: Promise<Ended>
}

/** A server that keeps its data below `root`. `ended` comes when it is gone. */
function run(...given: (string | Preload)[]): Started {
  const args = given.filter(arg => typeof arg === 'string')
  const preloads = given.flatMap(arg =>
    typeof arg === 'string' ? [] : ['--import', `data:text/javascript,${encodeURIComponent(arg.preload)}`],
  )
  const own = ['--data-dir', join(root, 'data'), '--mesh-file', join(root, 'mesh.yaml')]
  const ports = ['--identity-port=0', '--destination-port=0', '--policy-port=0']
  const child = spawn(process.execPath, [...preloads, 'dist/server.js', ...own, ...ports, ...args])
  children.push(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
  return { child, said: () => stdout, complained: () => stderr, ended }
}

describe('the server', () => {
  test('says what is ready, refuses to share its data directory, and ends on SIGTERM', async () => {
    const first = run('--roles=control,collect')
    await expect.poll(first.said, { timeout: 20_000 }).toContain('collect ready')
    expect(first.said()).toMatch(
      /^control ready identity=127\.0\.0\.1:\d+ destination=127\.0\.0\.1:\d+ policy=127\.0\.0\.1:\d+\ncollect ready targets=1\n$/,
    )
    const second = await run('--roles=control').ended
    expect(second).toMatchObject({ code: 1, stdout: '' })
    expect(second.stderr).toMatch(
      new RegExp(`^meshscope-server: .*control\\.lock.* process ${first.child.pid}; .*--data-dir\n$`),
    )

    first.child.kill('SIGTERM')
    const { code, stderr } = await first.ended
    expect(code).toBe(0)
    expect(stderr).toMatch(/^\S+Z info stopping signal=SIGTERM$/m)
  })

  test('keeps no history and loads no database, when it is told so', async () => {
    const server = run('--roles=collect', '--history=off')
    await expect.poll(server.said, { timeout: 20_000 }).toContain('collect ready')
    expect(await readFile(`/proc/${server.child.pid}/maps`, 'utf8')).not.toContain('duckdb')
    expect(await readdir(join(root, 'data'))).not.toContain('history')
  })

  test('logs what nobody caught in one line, closes, and exits with 1', async () => {
    const failing = 'process.on("SIGUSR2", () => { throw new Error("expected\\nno failure") })'
    const server = run({ preload: failing }, '--roles=collect')
    await expect.poll(server.said, { timeout: 20_000 }).toContain('collect ready')
    server.child.kill('SIGUSR2')
    const { code, stderr } = await server.ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^\S+Z error uncaught exception error="Error: expected\\nno failure.*"\n$/)
    expect(await readdir(join(root, 'data', 'locks'))).toEqual([])
  })

  test('goes on, when what nobody caught is a peer that left', async () => {
    const failing =
      'process.on("SIGUSR2", () => { throw Object.assign(new Error("gone"), { code: "EPIPE", syscall: "write" }) })'
    const server = run({ preload: failing }, '--roles=collect')
    await expect.poll(server.said, { timeout: 20_000 }).toContain('collect ready')
    server.child.kill('SIGUSR2')
    await expect.poll(server.complained).toContain('a connection broke off')
    server.child.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
  })

  test('says each problem of a broken mesh file on a line, and exits with 1', async () => {
    await writeFile(join(root, 'mesh.yaml'), mesh.replace('podIP', 'podIp'))
    const { code, stdout, stderr } = await run('--roles=control').ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(/mesh\.yaml:\d+.*podIp/)
  })

  test('says that there are no pages, and leaves nothing open', async () => {
    const { code, stdout, stderr } = await run('--app-dir', root).ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `meshscope-server: Cannot serve the pages: expected a build at ${join(root, '.next', 'BUILD_ID')}, found none; run npm run build\n`,
    )
  })

  test('names every bad flag', async () => {
    const { code, stderr } = await run('--prot=1', '--scrape-interval=banana').ended
    expect(code).toBe(1)
    expect(stderr.trim().split('\n')).toHaveLength(2)
  })

  test('prints its help and its version', async () => {
    expect(await run('--help').ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--mesh-file'),
    })
    expect(await run('--version').ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })
})
