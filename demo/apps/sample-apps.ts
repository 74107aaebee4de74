import { createServer, type Server } from 'node:http'
import type { Trouble } from '#demo/trouble.ts'
import type { App, MakeApp } from './app.ts'
import { forgetCaller } from './call.ts'
import { cart } from './cart.ts'
import { catalog } from './catalog.ts'
import { checkout } from './checkout.ts'
import { legacyBatch } from './legacy-batch.ts'
import type { AppPlace } from './order.ts'
import { payments } from './payments.ts'
import { recommendations } from './recommendations.ts'
import { scraper } from './scraper.ts'
import { traffic } from './traffic.ts'
import { users } from './users.ts'
import { web } from './web.ts'

const makers: Readonly<Record<string, MakeApp>> = {
  traffic,
  web,
  catalog,
  users,
  cart,
  checkout,
  payments,
  recommendations,
  'legacy-batch': legacyBatch,
  scraper,
}

interface Running {
  readonly place: AppPlace
  readonly app: App
  readonly server: Server | null
  stop: () => void
}

/** The sample apps of a mesh, all in this one process, each on an address of its own. */
export class SampleApps {
  /** All that is wrong now. */
  troubles: readonly Trouble[] = []
  readonly #running = new Map<string, Running>()
  #hasStarted = false

  get size(): number {
    return this.#running.size
  }

  /** Runs the apps of these places and no others; one whose place is as it was goes on undisturbed. */
  async setPlaces(places: readonly AppPlace[]): Promise<void> {
    const wanted = new Map(places.map(place => [JSON.stringify(place), place]))
    for (const [key, running] of this.#running) {
      if (wanted.has(key)) continue
      this.#running.delete(key)
      end(running)
    }
    for (const [key, place] of wanted) {
      if (!this.#running.has(key)) await this.#run(key, place)
    }
  }

  /** Lets those begin that send. */
  start(): void {
    if (this.#hasStarted) return
    this.#hasStarted = true
    for (const running of this.#running.values()) running.stop = running.app.start?.() ?? running.stop
  }

  close(): void {
    for (const running of this.#running.values()) end(running)
    this.#running.clear()
  }

  async #run(key: string, place: AppPlace): Promise<void> {
    const app = makers[place.app]?.(place, trouble => this.troubles.includes(trouble))
    if (!app) return
    const server =
      app.serve && place.listenPort !== null ? createServer({ keepAliveTimeout: 60_000 }, app.serve) : null
    if (server && place.listenPort !== null) await listen(server, place.listenHost, place.listenPort)
    const stop = (this.#hasStarted && app.start?.()) || (() => {})
    this.#running.set(key, { place, app, server, stop })
  }
}

function end({ place, server, stop }: Running): void {
  stop()
  forgetCaller(place)
  server?.close()
  server?.closeAllConnections()
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', error => {
      const where = `Cannot serve the sample apps on ${host}:${port}`
      fail(new Error(`${where}: ${error.message}; does another demo run?`, { cause: error }))
    })
    server.listen(port, host, done)
  })
}
