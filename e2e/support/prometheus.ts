import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './addresses.ts'
import { until } from './until.ts'

export interface RunningPrometheus {
  readonly url: string
  stop(): Promise<void>
}

/** A Prometheus that reads, every second, the proxies which a server at `base` names. It writes below `directory`. */
export async function startPrometheus(base: string, directory: string): Promise<RunningPrometheus> {
  mkdirSync(directory, { recursive: true })
  const config = join(directory, 'prometheus.yaml')
  writeFileSync(
    config,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: linkerd-proxy
    http_sd_configs: [{ url: "${base}/api/v1/sd", refresh_interval: 1s }]
`,
  )
  const url = `http://127.0.0.1:${await freePort()}`
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  )
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  try {
    await until('Prometheus', async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, stop }
}
