import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { Counter, Gauge, type Registry } from 'prom-client'
import { type Namespace, Server } from 'socket.io'
import {
  type LiveClientEvents,
  type LiveServerEvents,
  ofSubscriptionSchema,
  type SubscribeReply,
  subscribeSchema,
} from '#lib/api/live.ts'
import type { Golden } from '#server/golden/golden.ts'
import type { Log } from '#server/log.ts'
import type { Taps } from '#server/tap/taps.ts'
import { ClientRoom, type LiveSocket } from './client.ts'
import { QuestionBoard, toFailure } from './question-board.ts'
import { Subscription } from './subscription.ts'
import { serveTaps } from './tap-namespace.ts'

export interface LiveOptions {
  readonly server: HttpServer
  readonly golden: Golden
  readonly taps: Taps
  /** Calls back after each round of scrapes. Returns the way to stop. */
  readonly onRound: (listener: () => void) => () => void
  /** Whether a request may open a connection. */
  readonly isAllowed: (request: IncomingMessage) => boolean
  readonly registry: Registry
  readonly log: Log
  /** Unix milliseconds. */
  readonly nowMs: () => number
}

export interface Live {
  /** Tells every client goodbye. Safe twice. */
  close(): void
}

const maxClients = 1_000
const maxSubscriptions = 64

/**
 * socket.io at `/socket.io`: questions that stay answered in namespace `/live`, as lib/api/live.ts says, and taps in
 * `/tap`, as lib/api/tap.ts does.
 */
export function startLive(options: LiveOptions): Live {
  const { server, golden, log, registry } = options
  const io = new Server(server, {
    path: '/socket.io',
    serveClient: false,
    transports: ['websocket', 'polling'],
    maxHttpBufferSize: 65_536,
    allowRequest(request, done) {
      const isAllowed = options.isAllowed(request) && io.engine.clientsCount < maxClients
      done(isAllowed ? null : 'Refused', isAllowed)
    },
  })
  const rooms = new Set<ClientRoom>()
  const noteRound = (): void => {
    for (const room of rooms) room.noteRound()
  }
  const board = new QuestionBoard({ golden, log, onRoundStart: noteRound, nowMs: options.nowMs })
  reportGauges(registry, {
    clients: () => rooms.size,
    subscriptions: () => board.followerCount,
    questions: () => board.size,
  })
  const skipped = new Counter({
    name: 'meshscope_live_skipped_updates_total',
    help: 'Updates that slow clients were spared',
    registers: [registry],
  })
  // The root namespace is left empty; a client that stays there hears nothing.
  const namespace: Namespace<LiveClientEvents, LiveServerEvents> = io.of('/live')
  namespace.on('connection', socket => {
    const room = new ClientRoom(socket)
    rooms.add(room)
    const forget = serveClient(socket, room, board, log, () => skipped.inc())
    socket.on('disconnect', () => {
      rooms.delete(room)
      forget()
    })
  })
  serveTaps(io.of('/tap'), options.taps, log)
  const stop = options.onRound(() => {
    void board.round().catch((error: unknown) => log.error('live round failed', { error: String(error) }))
  })
  return {
    close() {
      stop()
      io.disconnectSockets(true)
      // `io.close()` would also end the HTTP server, which is not its own.
      io.engine.close()
    },
  }
}

/** Handles one client's requests. Returns the way to end all it follows. */
function serveClient(
  socket: LiveSocket,
  room: ClientRoom,
  board: QuestionBoard,
  log: Log,
  onSkip: () => void,
): () => void {
  const subscriptions = new Map<string, Subscription>()
  let nextId = 1
  let pending = 0

  const subscribe = async (request: unknown): Promise<{ reply: SubscribeReply; made?: Subscription }> => {
    const parsed = subscribeSchema.safeParse(request)
    if (!parsed.success) {
      const hint = 'Send {topic, params}: a topic of the API, and its parameters as text'
      return { reply: { error: { code: 'BAD_PARAMETER', message: 'Cannot read the subscription', hint } } }
    }
    if (subscriptions.size + pending >= maxSubscriptions) {
      const message = `Cannot subscribe: ${maxSubscriptions} subscriptions are open`
      return { reply: { error: { code: 'TOO_MANY_SUBSCRIPTIONS', message, hint: 'Unsubscribe some first' } } }
    }
    const { topic, params } = parsed.data
    pending++
    try {
      const made = await Subscription.open(String(nextId++), { topic, params, board, socket, room, onSkip })
      if (!socket.connected) {
        made.end()
        return { reply: { subscription: made.id } }
      }
      subscriptions.set(made.id, made)
      return { reply: { subscription: made.id }, made }
    } catch (error) {
      return { reply: { error: toFailure(error, log, topic) } }
    } finally {
      pending--
    }
  }

  /** A message that names none of them is passed over: there is nobody to answer. */
  const subscriptionNamed = (request: unknown): Subscription | undefined => {
    const parsed = ofSubscriptionSchema.safeParse(request)
    return parsed.success ? subscriptions.get(parsed.data.subscription) : undefined
  }

  socket.on('subscribe', (request, reply) => {
    if (typeof reply !== 'function') return
    void subscribe(request).then(({ reply: answer, made }) => {
      reply(answer)
      made?.sendNow()
    })
  })
  socket.on('unsubscribe', request => {
    const named = subscriptionNamed(request)
    if (!named) return
    named.end()
    subscriptions.delete(named.id)
  })
  socket.on('resync', request => subscriptionNamed(request)?.sendNow())
  return () => {
    for (const subscription of subscriptions.values()) subscription.end()
    subscriptions.clear()
  }
}

const gauges = {
  clients: 'Clients that are connected to the live socket',
  subscriptions: 'Questions that clients follow, counted for each client',
  questions: 'Different questions that clients follow',
}

function reportGauges(registry: Registry, read: Readonly<Record<keyof typeof gauges, () => number>>): void {
  for (const name of ['clients', 'subscriptions', 'questions'] as const) {
    new Gauge({
      name: `meshscope_live_${name}`,
      help: gauges[name],
      registers: [registry],
      collect() {
        this.set(read[name]())
      },
    })
  }
}
