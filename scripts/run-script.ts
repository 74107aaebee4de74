import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

export interface ScriptRun {
  readonly script: string
  readonly env: NodeJS.ProcessEnv
  /** Whether it prints as it goes, or what it prints is kept for later. */
  readonly output: 'shown' | 'kept'
  /** Ends it as Ctrl-C would. */
  readonly signal: AbortSignal
}

/** Runs a script of package.json to its end: its exit code, and all that it printed if that was kept. */
export function runScript({
  script,
  env,
  output,
  signal,
}: ScriptRun): Promise<{ code: number; kept: string }> {
  const stream = output === 'shown' ? 'inherit' : 'pipe'
  const child = spawn('npm', ['run', '--silent', script], {
    cwd: root,
    env,
    // npm passes on no signal: its group is ended, with all that it started.
    detached: true,
    stdio: ['ignore', stream, stream],
  })
  const end = () => {
    if (child.exitCode === null && child.pid) process.kill(-child.pid, 'SIGINT')
  }
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  let kept = ''
  for (const each of [child.stdout, child.stderr]) {
    each?.setEncoding('utf8').on('data', (text: string) => (kept += text))
  }
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', code => {
      signal.removeEventListener('abort', end)
      done({ code: code ?? 1, kept })
    })
  })
}
