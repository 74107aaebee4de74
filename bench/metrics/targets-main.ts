import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { growingBody } from './growing-body.ts'
import { type TargetsSpec, targetAddress } from './targets-spec.ts'

/** Serves the expositions of many proxies, each on an address of its own, all saying the same at the same time. */
const spec = JSON.parse(process.env.MESHSCOPE_BENCH_TARGETS ?? '') as TargetsSpec
const body = growingBody(spec.series, spec.busyShare)
const startedMs = Date.now()
let current: { readonly version: number; readonly bytes: Buffer } = { version: -1, bytes: Buffer.alloc(0) }
const served: Record<string, number> = {}

function newest(): Buffer {
  const version = Math.floor((Date.now() - startedMs) / spec.intervalMs)
  if (version !== current.version) current = { version, bytes: body.at(version) }
  return current.bytes
}

const http = createHttpServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  if (request.url === '/served') {
    response.end(JSON.stringify({ served, samples: body.samples }))
    return
  }
  const client = request.headers['user-agent']?.split('/')[0] ?? 'node'
  served[client] = (served[client] ?? 0) + 1
  const bytes = newest()
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4', 'content-length': bytes.length })
  response.end(bytes)
})
for (let index = 0; index < spec.count; index++) {
  createServer(socket => http.emit('connection', socket)).listen(spec.port, targetAddress(spec, index))
}
process.once('SIGTERM', () => process.exit(0))
