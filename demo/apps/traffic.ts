import { setTimeout as pause } from 'node:timers/promises'
import type { MakeApp } from './app.ts'
import { type Call, call, isAnswer } from './call.ts'
import { Counts } from './counts.ts'
import { readFeed } from './feed.ts'
import { happens, notFound, reply } from './reply.ts'

const usualVisitsPerSecond = 33
/** Of a sale. */
const mostVisits = 500
const betweenVisitsMs = 15

/** What their number is multiplied by: it swings gently about 1, as a day does in a minute and a half. */
function swingAt(second: number): number {
  const wave = (periodSeconds: number) => Math.sin((2 * Math.PI * second) / periodSeconds)
  return 1 + 0.2 * wave(97) + 0.08 * wave(31)
}

function choosePage(): Call {
  const id = 1 + Math.floor(Math.random() * 500)
  const choice = Math.random()
  if (choice < 0.3) return { path: '/' }
  // One in a hundred follows a link to a product that is not sold any more.
  if (choice < 0.65) return { path: `/products/${happens(0.01) ? 9_000 + id : id}` }
  if (choice < 0.77) return { path: `/account/${id}` }
  if (choice < 0.89) return { path: `/cart/${id}` }
  return { path: '/checkout', method: 'POST', body: { cart: id } }
}

/** What became of one visit. */
export interface Visit {
  readonly path: string
  /** 0: no answer. */
  readonly status: number
}

/**
 * Visitors of the shop, some of whom read its feed. Answers `GET /counts` with what it has seen itself: pages that came, those
 * of them that succeeded (a status below 500), and how many are on their way. `POST /sale?visits=60` sends so many more,
 * each to a page of the sale that nobody else asks for, and answers with each `Visit` once all have ended.
 */
export const traffic: MakeApp = place => {
  const { visitsPerSecond = usualVisitsPerSecond } = place
  const counts = new Counts()
  const visit = async (asked: Call): Promise<Visit> => {
    const answered = call(place, 'web', asked)
    void counts.addWhenEnded(answered.then(isAnswer))
    return { path: asked.path, status: await answered }
  }
  const holdSale = async (visits: number): Promise<readonly Visit[]> => {
    const all: Promise<Visit>[] = []
    while (all.length < visits) {
      all.push(visit({ path: `/sale/${all.length + 1}` }))
      await pause(betweenVisitsMs)
    }
    return Promise.all(all)
  }
  return {
    serve: {
      protocol: 'http/1',
      handle: (request, response) => {
        if (request.url === '/counts') return counts.reply(response)
        const visits = Number(/^\/sale\?visits=(\d{1,3})$/.exec(request.url ?? '')?.[1] ?? 0)
        if (request.method !== 'POST' || visits < 1 || visits > mostVisits) return notFound(response)
        void holdSale(visits).then(all => reply(response, 200, all))
      },
    },
    start: () => {
      const next = () => {
        void visit(choosePage())
        timer = setTimeout(next, 1000 / (visitsPerSecond * swingAt(Date.now() / 1000)))
      }
      let timer = setTimeout(next, 0)
      const stopReading = readFeed(place)
      return () => {
        clearTimeout(timer)
        stopReading()
      }
    },
  }
}
