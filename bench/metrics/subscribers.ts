import { io } from 'socket.io-client'
import type { Scraper } from './rig.ts'

const subscribers = 200
const questions = 20

/** What following costs the server, on top of scraping. */
export interface SubscribersCost {
  readonly coreRatio: number
  readonly residentBytes: number
  /** Messages that all of them got in a second. */
  readonly messagesPerSecond: number
}

/** 200 subscribers over sockets of their own, each following one of 20 questions, for `seconds`. */
export async function subscribersCost(ours: Scraper, seconds: number): Promise<SubscribersCost> {
  let messages = 0
  const sockets = Array.from({ length: subscribers }, (_, index) => {
    const socket = io(`${ours.origin}/live`, { transports: ['websocket'], forceNew: true })
    const name = `app-${index % questions}`
    const params = { resource: `deploy/${name}`, namespace: 'shop', window: '1m' }
    socket.on('connect', () => void socket.emit('subscribe', { topic: 'golden', params }, () => {}))
    for (const event of ['snapshot', 'update']) socket.on(event, () => void messages++)
    return socket
  })
  while (messages < subscribers) await new Promise(resolve => setTimeout(resolve, 100))
  messages = 0
  const [cpuBefore, startMs] = [ours.cpuSeconds(), performance.now()]
  await new Promise(resolve => setTimeout(resolve, seconds * 1_000))
  const tookSeconds = (performance.now() - startMs) / 1_000
  const cost = {
    coreRatio: (ours.cpuSeconds() - cpuBefore) / tookSeconds,
    residentBytes: ours.residentBytes(),
    messagesPerSecond: messages / tookSeconds,
  }
  for (const socket of sockets) socket.close()
  return cost
}
