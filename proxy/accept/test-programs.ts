import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'vitest'
import { findTools } from '#scripts/find-tools.ts'
import type { Cleanup } from './test-sockets.ts'

const PATH = `${process.env.PATH}:/usr/sbin`
const run = promisify(execFile)

/** A test that drives programs of others: skipped without them, and its name says so. */
export function testWith(programs: readonly string[], title: string, run: () => Promise<void>): void {
  const { areMissing, note } = findTools(...programs)
  test.skipIf(areMissing)(`${title}${note}`, run)
}

/** What a program prints, run to its end. Rejects when it fails. */
export async function output(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, [...args], {
    env: { ...process.env, PATH },
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout
}

/**
 * Runs a server until the test ends, and waits until it listens. `configure` gets a free port of 127.0.0.1 and a
 * folder, and returns arguments and the text of the file `config` there.
 */
export async function startProgram(
  cleanup: Cleanup,
  program: string,
  configure: (port: number, folder: string) => { args: readonly string[]; config: string },
): Promise<number> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'meshscope-program-'))
  cleanup.add(folder, () => rmSync(folder, { recursive: true, force: true }))
  const { args, config } = configure(port, folder)
  writeFileSync(join(folder, 'config'), config)
  const child = spawn(program, [...args], { cwd: folder, stdio: 'ignore', env: { ...process.env, PATH } })
  cleanup.add(child, async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const deadline = performance.now() + 10_000
  while (!(await isOpen(port))) {
    if (performance.now() > deadline) throw new Error(`Waited 10 s for ${program} on port ${port}`)
  }
  return port
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('No port is free')
  return address.port
}

async function isOpen(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1')
  const connected = once(socket, 'connect').then(
    () => true,
    () => false,
  )
  const isConnected = await connected
  socket.destroy()
  return isConnected
}
