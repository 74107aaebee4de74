import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { until } from '#e2e/support/until.ts'

const MEGABYTE = 2 ** 20
const PROBE = pathToFileURL(resolve(import.meta.dirname, 'heap-probe.mjs')).href

/** How one process stood at a moment. */
export interface ProcessState {
  readonly residentBytes: number
  /** Of objects and buffers, after a collection; `null` for a process without the probe. */
  readonly heapBytes: number | null
  readonly openFds: number
  readonly children: number
}

/** One process under load after a quarter of the time and at the end of it, and once it rests. */
export interface Course {
  readonly warm: ProcessState
  readonly late: ProcessState
  readonly rest: ProcessState
}

/** What grew from when the load was warm, beyond what chance and a few connections make of it. */
export function growthOf({ late, rest, warm }: Course): readonly string[] {
  const limits: readonly (readonly [what: string, found: number, most: number])[] = [
    ['resident bytes under load', late.residentBytes, warm.residentBytes * 1.5 + 32 * MEGABYTE],
    ['heap under load', late.heapBytes ?? 0, (warm.heapBytes ?? 0) * 1.2 + 3 * MEGABYTE],
    ['heap at rest', rest.heapBytes ?? 0, (warm.heapBytes ?? 0) * 1.1 + 2 * MEGABYTE],
    ['open files at rest', rest.openFds, warm.openFds + 5],
    ['child processes', rest.children, 0],
  ]
  return limits
    .filter(([, found, most]) => found > most)
    .map(([what, found, most]) => `${what}: ${found}, at most ${most}`)
}

/** What makes a process tell its heap in `directory` when it is asked. */
export function probeEnv(directory: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${PROBE}`, MESHSCOPE_SOAK_HEAP: directory }
}

/** `directory`: where the process tells its heap; `null` when it has no probe. */
export async function stateOf(pid: number, directory: string | null): Promise<ProcessState> {
  const heapBytes = directory === null ? null : await heapOf(pid, directory)
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
  return {
    heapBytes,
    residentBytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024,
    openFds: readdirSync(`/proc/${pid}/fd`).length,
    children: children.split(' ').filter(child => child !== '').length,
  }
}

async function heapOf(pid: number, directory: string): Promise<number> {
  const file = join(directory, String(pid))
  rmSync(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  await until(`process ${pid} to tell its heap`, () => existsSync(file))
  return Number(readFileSync(file, 'latin1'))
}
