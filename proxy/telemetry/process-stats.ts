import { readdirSync, readFileSync } from 'node:fs'

/** What the operating system tells of this process; a field it does not tell is `null`. */
export interface ProcessStats {
  readonly startTimeSeconds: number
  readonly clockTimeSeconds: number
  readonly uptimeSeconds: number
  readonly cpuSeconds: number
  readonly residentMemoryBytes: number
  readonly virtualMemoryBytes: number | null
  readonly openFds: number | null
  readonly maxFds: number | null
  readonly threads: number | null
}

/** Read now: from Node, and from /proc where there is one. */
export function readProcessStats(): ProcessStats {
  const { user, system } = process.cpuUsage()
  const status = readProc('/proc/self/status')
  return {
    startTimeSeconds: performance.timeOrigin / 1000,
    clockTimeSeconds: Date.now() / 1000,
    uptimeSeconds: performance.now() / 1000,
    cpuSeconds: (user + system) / 1e6,
    residentMemoryBytes: process.memoryUsage.rss(),
    virtualMemoryBytes: kilobytes(/^VmSize:\s+(\d+) kB$/m.exec(status)),
    openFds: countEntries('/proc/self/fd'),
    maxFds: numberOf(/^Max open files\s+(\d+)/m.exec(readProc('/proc/self/limits'))),
    threads: numberOf(/^Threads:\s+(\d+)$/m.exec(status)),
  }
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function countEntries(path: string): number | null {
  try {
    return readdirSync(path).length
  } catch {
    return null
  }
}

function numberOf(match: RegExpExecArray | null): number | null {
  return match?.[1] === undefined ? null : Number(match[1])
}

function kilobytes(match: RegExpExecArray | null): number | null {
  const value = numberOf(match)
  return value === null ? null : value * 1024
}
