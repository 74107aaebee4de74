import { io, type Socket } from 'socket.io-client'
import * as z from 'zod/mini'
import {
  type LiveClientEvents,
  type LiveServerEvents,
  liveErrorSchema,
  snapshotSchema,
  updateSchema,
} from '#lib/api/live.ts'
import { basePath } from './base-path.ts'
import { parseAnswer, parseUpdate } from './schemas.ts'
import type { Wire, WireEvents } from './wire.ts'

/**
 * A wire over socket.io to the `/live` of `origin` (empty: where the page came from). It reconnects within
 * five seconds of the server's return. This module is the only one that brings socket.io-client and zod into
 * the browser, so import it after first paint.
 */
export function openSocketWire(origin: string, events: WireEvents): Wire {
  const socket: Socket<LiveServerEvents, LiveClientEvents> = io(`${origin}/live`, {
    path: `${basePath}/socket.io`,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
    transports: ['websocket', 'polling'],
    // A proxy in front may let plain requests through alone.
    tryAllTransports: true,
  })
  socket.on('connect', () => events.opened())
  socket.on('disconnect', () => events.lost())
  socket.on('connect_error', () => events.lost())
  const passOn =
    <S extends z.ZodMiniType>(schema: S, pass: (message: z.infer<S>) => void) =>
    (message: unknown) => {
      const parsed = z.safeParse(schema, message)
      if (parsed.success) pass(parsed.data)
    }
  socket.on('snapshot', passOn(snapshotSchema, events.snapshot))
  socket.on('update', passOn(updateSchema, events.update))
  socket.on('failed', passOn(liveErrorSchema, events.failed))
  return {
    subscribe: (request, reply) => void socket.emit('subscribe', request, reply),
    unsubscribe: subscription => void socket.emit('unsubscribe', { subscription }),
    resync: subscription => void socket.emit('resync', { subscription }),
    parseAnswer,
    parseUpdate,
    close: () => void socket.close(),
  }
}
