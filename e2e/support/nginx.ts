import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './addresses.ts'
import { until } from './until.ts'

export interface Nginx {
  /** `http://localhost:<port>`. */
  readonly origin: string
  close(): Promise<void>
}

/** Debian's nginx with these `location` blocks, on a free port. */
export async function startNginx(locations: string): Promise<Nginx> {
  const directory = mkdtempSync(join(tmpdir(), 'meshscope-nginx-'))
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  writeFileSync(
    join(directory, 'nginx.conf'),
    `pid ${directory}/nginx.pid;
     master_process off;
     error_log ${directory}/error.log;
     events { worker_connections 256; }
     http {
       ${temporary.map(name => `${name}_temp_path ${directory}/${name};`).join('\n')}
       access_log off;
       map $http_upgrade $connection_upgrade { default upgrade; '' close; }
       server { listen 127.0.0.1:${port}; ${locations} }
     }`,
  )
  const child = spawn('nginx', ['-p', directory, '-c', 'nginx.conf', '-g', 'daemon off;'], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const ended = new Promise<void>(done => {
    child.once('error', () => done())
    child.once('close', () => done())
  })
  const origin = `http://localhost:${port}`
  await until('nginx', () => isUp(origin, child, complaint), 10_000)
  return {
    origin,
    async close() {
      child.kill('SIGTERM')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function isUp(origin: string, child: ChildProcess, complaint: string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`nginx ended: ${complaint}`)
  await fetch(origin)
  return true
}
