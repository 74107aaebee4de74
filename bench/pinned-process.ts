import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'

/** A program that runs on one core. */
export interface PinnedProcess {
  readonly pid: number
  /** What it has used of its core since it started. */
  cpuSeconds(): number
  residentBytes(): number
  /** Asks it to end and waits until it has. Safe twice. */
  stop(): Promise<void>
}

const giveUpMs = 10_000

/**
 * Starts a program on the core numbered `core`, and waits until `isReady` says so. Rejects with what it last wrote to
 * stderr when it ends before.
 */
export async function startPinned(
  core: number,
  command: string,
  args: readonly string[],
  isReady: () => Promise<boolean>,
  env: Readonly<Record<string, string>> = {},
): Promise<PinnedProcess> {
  const child = spawn('taskset', ['-c', String(core), command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000)
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`Cannot start ${command}: is it installed, and taskset too?`)
  while (!(await isReady())) {
    if (hasEnded(child)) throw new Error(`${command} ended before it was ready: ${said}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return {
    pid,
    cpuSeconds: () => cpuSeconds(pid),
    residentBytes: () => residentBytes(pid),
    async stop() {
      if (hasEnded(child)) return
      const ended = once(child, 'close')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), giveUpMs)
      await ended
      clearTimeout(timer)
    },
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Of all threads, as the scheduler counted it: in nanoseconds, where `stat` has hundredths of a second. */
function cpuSeconds(pid: number): number {
  const ofThreads = readdirSync(`/proc/${pid}/task`).map(thread =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  )
  return ofThreads.reduce((sum, ns) => sum + ns, 0) / 1e9
}

function residentBytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1_024
}
