import type { Namespace, Socket } from 'socket.io'
import {
  ofTapSchema,
  type TapClientEvents,
  type TapServerEvents,
  type TapStartReply,
  tapStartSchema,
} from '#lib/api/tap.ts'
import type { Log } from '#server/log.ts'
import type { TapSink } from '#server/tap/tap.ts'
import type { RunningTap, Taps } from '#server/tap/taps.ts'
import { ClientRoom } from './client.ts'
import { toFailure } from './question-board.ts'

type TapSocket = Socket<TapClientEvents, TapServerEvents>

const maxTapsPerClient = 4

/** Serves namespace `/tap`: each client starts taps of its own, which end with it. */
export function serveTaps(
  namespace: Namespace<TapClientEvents, TapServerEvents>,
  taps: Taps,
  log: Log,
): void {
  namespace.on('connection', socket => serveClient(socket, taps, log))
}

function serveClient(socket: TapSocket, taps: Taps, log: Log): void {
  const room = new ClientRoom(socket)
  const running = new Map<string, RunningTap>()
  let nextId = 1

  const end = (id: string): void => {
    running.get(id)?.close()
    running.delete(id)
  }

  const sinkOf = (tap: string): TapSink => ({
    hasRoom() {
      room.noteRound()
      return room.hasRoom
    },
    events: events => socket.emit('events', { tap, events: [...events] }),
    stats: stats => socket.emit('stats', { tap, stats }),
  })

  const start = (request: unknown): TapStartReply => {
    const parsed = tapStartSchema.safeParse(request)
    if (!parsed.success) {
      const hint = 'Send {filter}: a resource, and what else requests have to fit'
      return { error: { code: 'BAD_PARAMETER', message: 'Cannot read the filter of the tap', hint } }
    }
    if (running.size >= maxTapsPerClient) {
      const message = `Cannot start a tap: this client runs ${maxTapsPerClient}`
      return { error: { code: 'TOO_MANY_TAPS', message, hint: 'Stop one first' } }
    }
    const tap = String(nextId++)
    try {
      const started = taps.start(parsed.data.filter, sinkOf(tap))
      running.set(tap, started)
      return { tap, pods: started.pods }
    } catch (error) {
      return { error: toFailure(error, log, 'tap') }
    }
  }

  /** A message that names none of them is passed over: there is nobody to answer. */
  const named = (request: unknown): string => {
    const parsed = ofTapSchema.safeParse(request)
    return parsed.success ? parsed.data.tap : ''
  }

  socket.on('start', (request, reply) => {
    if (typeof reply === 'function') reply(start(request))
  })
  socket.on('pause', request => running.get(named(request))?.pause())
  socket.on('resume', request => running.get(named(request))?.resume())
  socket.on('stop', request => {
    const tap = named(request)
    const stopped = running.get(tap)
    if (stopped === undefined) return
    socket.emit('stats', { tap, stats: stopped.finish() })
    running.delete(tap)
    socket.emit('end', { tap, error: null })
  })
  socket.on('disconnect', () => {
    for (const tap of running.keys()) end(tap)
  })
}
