import type { Connection } from './connection.ts'
import { afterLost, afterOpened } from './connection.ts'
import { type Feed, type FeedMessage, stepFeed } from './feed.ts'
import { type Question, questionKey } from './question.ts'
import type { OpenWire, Wire, WireEvents } from './wire.ts'

/** A followed question whose feed changed. */
export interface Change {
  readonly question: Question
  readonly feed: Feed
}

export interface LiveClientOptions {
  readonly open: OpenWire
  readonly nowMs: () => number
  /** Runs the callback soon, once: the pace at which changes are handed on. */
  readonly schedule: (flush: () => void) => void
  readonly onChanges: (changes: readonly Change[]) => void
  readonly onConnection: (connection: Connection) => void
  /** Runs the callback after a pause: when the socket could not even be opened, that is tried again. */
  readonly later: (again: () => void) => void
}

/** Follows questions over one socket. It holds one feed for each question that has a follower, and no more. */
export interface LiveClient {
  /** Keeps the question fresh until the returned function is called. Equal questions share a subscription. */
  readonly follow: (question: Question) => () => void
  /** What the socket said last; `undefined` for a question nobody follows. */
  feed(question: Question): Feed | undefined
  /** Closes the socket; questions still followed get nothing more. */
  close(): void
}

interface Followed {
  readonly question: Question
  feed: Feed
  followers: number
  subscription: string | null
  /** Ends when all messages so far were read. */
  reading: Promise<void>
  unread: number
}

/** Further messages of one feed are let go; what follows them then does not fit, and a snapshot is asked for. */
const mostUnread = 8

const unreadable: FeedMessage = {
  type: 'failed',
  failure: {
    code: 'UNREADABLE',
    message: 'The server sent something this page does not understand',
    hint: 'The server may have been replaced by another version: reload the page',
  },
}

/** A live client. It opens its socket when the first question is followed, also after `close()`. */
export function createLiveClient(options: LiveClientOptions): LiveClient {
  const followed = new Map<string, Followed>()
  const bySubscription = new Map<string, Followed>()
  const changed = new Set<Followed>()
  let connection: Connection = { state: 'connecting' }
  let socket: { wire: Wire | null } | null = null

  const connect = (next: Connection): void => {
    if (next === connection) return
    connection = next
    options.onConnection(connection)
  }

  const flush = (): void => {
    const changes = [...changed].map(({ question, feed }) => ({ question, feed }))
    changed.clear()
    if (changes.length > 0) options.onChanges(changes)
  }

  const step = (entry: Followed, message: FeedMessage): void => {
    const { feed, resync } = stepFeed(entry.feed, message, options.nowMs())
    entry.feed = feed
    if (resync && entry.subscription !== null) socket?.wire?.resync(entry.subscription)
    if (feed.state === 'asking' || feed.state === 'resyncing') return
    if (changed.size === 0) options.schedule(flush)
    changed.add(entry)
  }

  const subscribe = (key: string, entry: Followed): void => {
    const wire = socket?.wire
    if (!wire || !isOpen(connection)) return
    const { topic, params } = entry.question
    wire.subscribe({ topic, params: { ...params } }, reply => {
      if ('error' in reply) return step(entry, { type: 'failed', failure: reply.error })
      if (followed.get(key) !== entry) return wire.unsubscribe(reply.subscription)
      entry.subscription = reply.subscription
      bySubscription.set(reply.subscription, entry)
    })
  }

  const release = (key: string, entry: Followed): void => {
    entry.followers--
    if (entry.followers > 0) return
    followed.delete(key)
    changed.delete(entry)
    if (entry.subscription === null) return
    bySubscription.delete(entry.subscription)
    socket?.wire?.unsubscribe(entry.subscription)
  }

  const detach = (): void => {
    bySubscription.clear()
    for (const entry of followed.values()) {
      entry.subscription = null
      entry.feed = { state: 'asking' }
    }
  }

  /** Reads a message after those before it, and takes the step it says unless the subscription has ended by then. */
  const inOrder = (
    subscription: string,
    read: (entry: Followed, wire: Wire) => Promise<FeedMessage>,
  ): void => {
    const entry = bySubscription.get(subscription)
    const wire = socket?.wire
    if (entry === undefined || !wire || entry.unread >= mostUnread) return
    entry.unread++
    entry.reading = entry.reading.then(async () => {
      const message = await read(entry, wire)
      entry.unread--
      if (bySubscription.get(subscription) === entry) step(entry, message)
    })
  }

  const events: WireEvents = {
    opened() {
      connect(afterOpened(connection, options.nowMs()))
      for (const [key, entry] of followed) subscribe(key, entry)
    },
    lost() {
      connect(afterLost(connection, options.nowMs()))
      detach()
    },
    snapshot({ subscription, revision, data }) {
      inOrder(subscription, async (entry, wire) => {
        const answer = await wire.parseAnswer(entry.question.topic, data)
        return answer === null ? unreadable : { type: 'snapshot', revision, answer }
      })
    },
    update(message) {
      inOrder(message.subscription, async (entry, wire) => {
        const update = await wire.parseUpdate(entry.question.topic, message)
        return update === null ? unreadable : { type: 'update', update }
      })
    },
    failed({ subscription, error }) {
      inOrder(subscription, async () => ({ type: 'failed', failure: error }))
    },
  }

  const open = (): void => {
    const opening: { wire: Wire | null } = { wire: null }
    socket = opening
    options.open(events).then(
      wire => {
        if (socket === opening) opening.wire = wire
        else wire.close()
      },
      () => {
        if (socket !== opening) return
        connect(afterLost(connection, options.nowMs()))
        options.later(() => {
          if (socket === opening) open()
        })
      },
    )
  }

  return {
    follow(question) {
      if (socket === null) open()
      const key = questionKey(question)
      let entry = followed.get(key)
      if (entry === undefined) {
        entry = {
          question,
          feed: { state: 'asking' },
          followers: 0,
          subscription: null,
          reading: Promise.resolve(),
          unread: 0,
        }
        followed.set(key, entry)
        subscribe(key, entry)
      }
      entry.followers++
      const held = entry
      let released = false
      return () => {
        if (!released) release(key, held)
        released = true
      }
    },
    feed: question => followed.get(questionKey(question))?.feed,
    close() {
      const closing = socket
      socket = null
      connection = { state: 'connecting' }
      detach()
      closing?.wire?.close()
    },
  }
}

function isOpen(connection: Connection): boolean {
  return connection.state === 'live' || connection.state === 'regained'
}
