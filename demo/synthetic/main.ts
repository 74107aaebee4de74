import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import { SyntheticProxy } from './exposition.ts'
import { syntheticGraph } from './graph.ts'

const adminPort = 4191

/** The admin ports of all proxies of a synthetic mesh: each says what its proxy would, and none carries anything. */
const graph = syntheticGraph(
  Number(process.env.MESHSCOPE_SYNTHETIC_NODES),
  process.env.MESHSCOPE_SYNTHETIC_SUBNET ?? '',
)
const proxies = new Map(
  graph.workloads
    .filter(({ isMeshed }) => isMeshed)
    .map(one => [one.ip, new SyntheticProxy(one, graph.flows)]),
)
const startedAtSeconds = Date.now() / 1000

// One HTTP server takes the connections of every address.
const http = createHttpServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const proxy = proxies.get(request.socket.localAddress ?? '')
  if (!proxy || request.url !== '/metrics') return void response.writeHead(404).end()
  const text = proxy.exposition(startedAtSeconds, Date.now() / 1000 - startedAtSeconds)
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text)
})

function listen(host: string): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer(socket => http.emit('connection', socket))
    server.once('error', fail)
    server.listen(adminPort, host, () => done(server))
  })
}

const end = () => process.exit(0)
process.once('SIGTERM', end)
process.once('SIGINT', end)
process.once('disconnect', end)
try {
  await Promise.all([...proxies.keys()].map(listen))
  console.log(`synthetic ready count=${proxies.size}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
