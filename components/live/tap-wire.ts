import { io, type Socket } from 'socket.io-client'
import * as z from 'zod/mini'
import {
  type TapClientEvents,
  type TapFilter,
  type TapServerEvents,
  tapEndSchema,
  tapEventsSchema,
  tapStatsMessageSchema,
} from '#lib/api/tap.ts'
import { basePath } from './base-path.ts'
import type { TapStep } from './tap-state.ts'

/** One tap over a socket of its own. */
export interface TapWire {
  pause(): void
  resume(): void
  /** Ends the tap and its socket. Safe twice. */
  close(): void
}

/**
 * Starts a tap at the server the page came from and tells its steps, the last of which is `ended`. A tap ends with its
 * connection: nothing reopens it.
 */
export function openTapWire(filter: TapFilter, tell: (step: TapStep) => void): TapWire {
  const socket: Socket<TapServerEvents, TapClientEvents> = io('/tap', {
    path: `${basePath}/socket.io`,
    tryAllTransports: true,
    transports: ['websocket', 'polling'],
    forceNew: true,
    reconnection: false,
  })
  let tap: string | null = null
  let isOver = false
  const end = (code: string, message: string, hint: string): void => {
    if (isOver) return
    isOver = true
    socket.close()
    tell({ type: 'ended', tap, failure: { code, message, hint } })
  }
  const passOn =
    <S extends z.ZodMiniType>(schema: S, pass: (message: z.infer<S>) => void) =>
    (message: unknown) => {
      const parsed = z.safeParse(schema, message)
      if (parsed.success) return pass(parsed.data)
      end(
        'UNREADABLE',
        'The server sent something this page does not understand',
        'The server may have been replaced by another version: reload the page',
      )
    }
  socket.on('connect', () => {
    socket.emit('start', { filter }, reply => {
      if ('error' in reply) return end(reply.error.code, reply.error.message, reply.error.hint)
      tap = reply.tap
      tell({ type: 'started', tap })
    })
  })
  socket.on(
    'events',
    passOn(tapEventsSchema, message => tell({ type: 'events', ...message })),
  )
  socket.on(
    'stats',
    passOn(tapStatsMessageSchema, message => tell({ type: 'stats', ...message })),
  )
  socket.on(
    'end',
    passOn(tapEndSchema, ({ error }) => {
      if (error === null) end('ENDED', 'The server ended the tap', 'Start it again')
      else end(error.code, error.message, error.hint)
    }),
  )
  socket.on('disconnect', () => end('LOST', 'The connection to the server was lost', 'Start the tap again'))
  socket.on('connect_error', error =>
    end(
      'UNREACHABLE',
      `The server cannot be reached: ${error.message}`,
      'Start the tap again once it is back',
    ),
  )
  return {
    pause: () => void (tap !== null && socket.emit('pause', { tap })),
    resume: () => void (tap !== null && socket.emit('resume', { tap })),
    close() {
      isOver = true
      if (tap !== null) socket.emit('stop', { tap })
      socket.close()
    },
  }
}
