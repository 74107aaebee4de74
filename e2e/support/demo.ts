import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freeSubnet } from './addresses.ts'
import { until } from './until.ts'

const root = resolve(import.meta.dirname, '../..')

export interface Run {
  readonly pid: number
  /** All that it has printed, both streams. */
  output(): string
  /** The dashboard's address, once it is there; rejects when the demo ends before. */
  address(): Promise<string>
  /** Sends SIGINT to its whole process group, as Ctrl-C in a terminal does. */
  interrupt(): void
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>
}

/** Runs `npm run demo` in a process group of its own, as a shell would. */
export function runDemo(args: readonly string[]): Run {
  const child = spawn('npm', ['run', '--silent', 'demo', '--', ...args], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return {
    pid: child.pid ?? 0,
    output: () => output,
    interrupt: () => {
      if (child.exitCode === null && child.pid) process.kill(-child.pid, 'SIGINT')
    },
    address: async () => {
      const found = () => /http:\/\/localhost:\d+/.exec(output)?.[0]
      await until('the address', () => found() ?? (child.exitCode !== null && 'ended'), 120_000)
      return found() ?? Promise.reject(new Error(`The demo ended: ${output}`))
    },
    ended: new Promise(done => child.once('close', done)),
  }
}

/**
 * The demo's mesh file moved to a free subnet, so that a demo that somebody runs on this machine is in nobody's way;
 * and that subnet.
 */
export async function movedMesh(directory: string): Promise<{ file: string; subnet: string }> {
  const subnet = await freeSubnet()
  const text = readFileSync(resolve(root, 'demo/mesh.yaml'), 'utf8').replaceAll('127.18.0.', `${subnet}.`)
  const file = join(directory, 'mesh.yaml')
  writeFileSync(file, text)
  return { file, subnet }
}

/** A folder of its own for a test's data, and how to be rid of it. */
export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'meshscope-demo-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** The processes whose command line or environment names `text`, by id. Linux only. */
export function processesNaming(text: string): readonly number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(id => {
      try {
        return ['cmdline', 'environ'].some(file =>
          readFileSync(`/proc/${id}/${file}`, 'latin1').includes(text),
        )
      } catch {
        return false
      }
    })
    .map(Number)
}

/** How a process was started; empty when it is gone. Linux only. */
export function commandLine(id: number): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
