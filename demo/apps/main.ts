import { createServer, type Server } from 'node:http'
import type { AppPlace, MakeApp } from './app.ts'
import { catalog } from './catalog.ts'
import { legacyBatch } from './legacy-batch.ts'
import { traffic } from './traffic.ts'
import { users } from './users.ts'
import { web } from './web.ts'

/** The sample apps of the demo mesh, all in this one process, each on an address of its own. */
const apps: Readonly<Record<string, MakeApp>> = { traffic, web, catalog, users, 'legacy-batch': legacyBatch }

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', error =>
      fail(
        new Error(
          `Cannot serve the sample apps on ${host}:${port}: ${error.message}; does another demo run?`,
        ),
      ),
    )
    server.listen(port, host, done)
  })
}

process.once('uncaughtException', error => {
  console.error(error.message)
  process.exit(1)
})

const places = JSON.parse(process.env.MESHSCOPE_SAMPLE_APPS ?? '[]') as readonly AppPlace[]
const servers: Server[] = []
const starts: (() => () => void)[] = []
for (const place of places) {
  const app = apps[place.app]?.(place)
  if (!app) continue
  if (app.serve && place.listenPort !== null) {
    const server = createServer({ keepAliveTimeout: 60_000 }, app.serve)
    await listen(server, place.listenHost, place.listenPort)
    servers.push(server)
  }
  if (app.start) starts.push(() => app.start?.() ?? (() => {}))
}

let stops: (() => void)[] = []
const end = () => {
  for (const stop of stops) stop()
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
  }
  process.exit(0)
}
process.once('SIGTERM', end)
process.once('SIGINT', end)
process.once('disconnect', end)
// The parent says when the proxies are up; until then nobody sends.
process.on('message', message => {
  if (message === 'start' && stops.length === 0) stops = starts.map(start => start())
})
console.log(`apps ready count=${servers.length}`)
