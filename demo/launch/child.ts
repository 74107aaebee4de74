import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

export interface ChildSpec {
  readonly name: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Takes what the program writes to stderr. */
  readonly logFile: string
  /** The line of stdout that tells it is ready. */
  readonly ready: RegExp
  /** How long that may take. */
  readonly readyTimeoutMs?: number
  /** Ends the start, and the program with it. */
  readonly signal?: AbortSignal
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The last lines it wrote to stderr. */
  readonly lastLines: readonly string[]
}

/** A program that was started and has said that it is ready. */
export interface Child {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  /** The groups of the ready line's pattern. */
  readonly facts: Readonly<Record<string, string>>
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<Ended>
  /** Asks it to end, and ends it after the grace period. Safe twice. */
  stop(graceMs?: number): Promise<Ended>
  kill(signal: NodeJS.Signals): void
  /** Says something to the program over its channel; nothing when that is closed. */
  send(message: object): void
}

const keptLines = 20

/**
 * Starts a program of ours with this Node and waits until it is ready. It has an IPC channel to us and a
 * process group of its own: Ctrl-C reaches only the parent, who stops its children in order, and a child
 * whose parent is gone sees the channel close and ends.
 */
export async function startChild(spec: ChildSpec): Promise<Child> {
  mkdirSync(dirname(spec.logFile), { recursive: true })
  const child = spawn(process.execPath, [...spec.args], {
    env: { NODE_ENV: 'production', PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...spec.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  })
  const lastLines: string[] = []
  const log = createWriteStream(spec.logFile, { flags: 'a' })
  createInterface({ input: child.stderr! }).on('line', line => {
    log.write(`${line}\n`)
    lastLines.push(line)
    if (lastLines.length > keptLines) lastLines.shift()
  })
  const ended = new Promise<Ended>(done => {
    child.once('error', error => {
      lastLines.push(error.message)
      done({ code: null, signal: null, lastLines })
    })
    child.once('close', (code, signal) => {
      log.end()
      done({ code, signal, lastLines })
    })
  })
  const stop = (graceMs = 10_000) => stopChild(child, ended, graceMs)
  try {
    const facts = await untilReady(spec, child, ended)
    return {
      name: spec.name,
      logFile: spec.logFile,
      pid: child.pid!,
      facts,
      ended,
      stop,
      kill: signal => void child.kill(signal),
      send: message => {
        if (child.connected) child.send(message)
      },
    }
  } catch (error) {
    await stop(1_000)
    throw error
  }
}

function untilReady(
  spec: ChildSpec,
  child: ChildProcess,
  ended: Promise<Ended>,
): Promise<Record<string, string>> {
  return new Promise((done, fail) => {
    const timeoutMs = spec.readyTimeoutMs ?? 30_000
    const giveUp = () => fail(new Error(`Starting ${spec.name} was given up`))
    spec.signal?.addEventListener('abort', giveUp)
    if (spec.signal?.aborted) giveUp()
    const late = () => `Starting ${spec.name} failed: not ready after ${timeoutMs} ms; see ${spec.logFile}`
    const timer = setTimeout(() => fail(new Error(late())), timeoutMs)
    const settle = () => {
      clearTimeout(timer)
      spec.signal?.removeEventListener('abort', giveUp)
    }
    createInterface({ input: child.stdout! }).on('line', line => {
      const match = spec.ready.exec(line)
      if (!match) return
      settle()
      done({ ...match.groups })
    })
    void ended.then(end => {
      settle()
      fail(new Error(reason(end) ?? `Starting ${spec.name} failed: it ended with code ${end.code}`))
    })
  })
}

async function stopChild(child: ChildProcess, ended: Promise<Ended>, graceMs: number): Promise<Ended> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  const end = await ended
  clearTimeout(timer)
  return end
}

/** What a program that ended said last, without the time and level of its log line; `null` when it said nothing. */
function reason(end: Ended): string | null {
  const errors = end.lastLines.filter(line => / (error|fatal) /.test(line))
  const lines = (errors.length > 0 ? errors : end.lastLines).map(line =>
    line.replace(/^\S+ (error|fatal) /, ''),
  )
  return lines.length > 0 ? lines.join('\n') : null
}
