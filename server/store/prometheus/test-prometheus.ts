import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** A Prometheus of a test: a free port, a folder of its own. */
export interface TestPrometheus {
  readonly url: URL
  /** Puts samples in, of any time. */
  write(series: Iterable<WrittenSeries>): Promise<void>
  stop(): Promise<void>
}

export interface WrittenSeries {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly points: readonly (readonly [atMs: number, value: number])[]
}

/** Starts a Prometheus with these lines of configuration, and waits until it answers. */
export async function startPrometheus(
  config: string = '',
  flags: readonly string[] = [],
  port?: number,
): Promise<TestPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'meshscope-prometheus-'))
  const configFile = join(folder, 'prometheus.yml')
  writeFileSync(configFile, `storage: { tsdb: { out_of_order_time_window: 90d } }\n${config}`)
  const url = new URL(`http://127.0.0.1:${port ?? (await freePort())}`)
  const child = spawn(
    'prometheus',
    [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=${url.host}`,
      '--web.enable-remote-write-receiver',
      '--log.level=error',
      ...flags,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const stop = async () => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await ready(url, child)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, write: series => write(url, series), stop }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

async function ready(url: URL, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(new URL('/-/ready', url)).catch(() => null)
    if (answer?.ok) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`Prometheus ended with ${child.exitCode} before it was ready`)
}

async function write(url: URL, all: Iterable<WrittenSeries>): Promise<void> {
  const message = new BinaryWriter()
  for (const { name, labels, points } of all) {
    message.tag(1, WireType.LengthDelimited).fork()
    for (const [label, value] of Object.entries({ ...labels, __name__: name }).sort(inOrder)) {
      if (value === '') continue
      message.tag(1, WireType.LengthDelimited).fork()
      message.tag(1, WireType.LengthDelimited).string(label)
      message.tag(2, WireType.LengthDelimited).string(value).join()
    }
    for (const [atMs, value] of points) {
      message.tag(2, WireType.LengthDelimited).fork()
      message.tag(1, WireType.Bit64).double(value)
      message.tag(2, WireType.Varint).int64(atMs).join()
    }
    message.join()
  }
  const response = await fetch(new URL('/api/v1/write', url), {
    method: 'POST',
    headers: { 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' },
    body: asSnappy(message.finish()),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`Cannot write to Prometheus: HTTP ${response.status}: ${text}`)
}

function inOrder([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}

/** The bytes as they are, in snappy's block format: a length, then literals of at most 64 KiB. */
function asSnappy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new BinaryWriter().uint32(bytes.length).finish()
  const parts: Uint8Array[] = [head]
  for (let at = 0; at < bytes.length; at += 65_536) {
    const literal = bytes.subarray(at, at + 65_536)
    const last = literal.length - 1
    parts.push(Uint8Array.of(61 << 2, last & 0xff, last >> 8), literal)
  }
  return new Uint8Array(Buffer.concat(parts))
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
