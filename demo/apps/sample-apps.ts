import type { Trouble } from '#demo/trouble.ts'
import type { App, MakeApp } from './app.ts'
import { cache } from './cache.ts'
import { forgetCaller } from './call.ts'
import { cart } from './cart.ts'
import { catalog } from './catalog.ts'
import { checkout } from './checkout.ts'
import { legacyBatch } from './legacy-batch.ts'
import type { AppPlace } from './order.ts'
import { payments } from './payments.ts'
import { recommendations } from './recommendations.ts'
import { scraper } from './scraper.ts'
import { serveApp } from './serve.ts'
import { traffic } from './traffic.ts'
import { users } from './users.ts'
import { web } from './web.ts'

const makers: Readonly<Record<string, MakeApp>> = {
  traffic,
  web,
  catalog,
  users,
  cart,
  cache,
  checkout,
  payments,
  recommendations,
  'legacy-batch': legacyBatch,
  scraper,
}

interface Running {
  readonly place: AppPlace
  readonly app: App
  readonly stopServing: () => void
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
    const { listenHost, listenPort } = place
    const isServed = app.serve !== undefined && listenPort !== null
    const stopServing = isServed ? await serveApp(app.serve, listenHost, listenPort) : () => {}
    const stop = (this.#hasStarted && app.start?.()) || (() => {})
    this.#running.set(key, { place, app, stopServing, stop })
  }
}

function end({ place, app, stopServing, stop }: Running): void {
  stop()
  app.close?.()
  forgetCaller(place)
  stopServing()
}
