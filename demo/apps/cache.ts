import { createInterface } from 'node:readline'
import type { MakeApp } from './app.ts'

const maxEntries = 1_000
const lifetimeMs = 20_000

/** A few words of Redis, a line each, and nothing of HTTP: `GET key` and `SET key value`. Keeps for 20 s. */
export const cache: MakeApp = () => {
  const entries = new Map<string, { readonly value: string; readonly untilMs: number }>()
  const answer = (line: string): string => {
    const [verb, key = '', value = ''] = line.split(' ')
    if (verb === 'SET') {
      entries.delete(key)
      const [oldest] = entries.keys()
      if (entries.size >= maxEntries && oldest !== undefined) entries.delete(oldest)
      entries.set(key, { value, untilMs: Date.now() + lifetimeMs })
      return '+OK'
    }
    if (verb !== 'GET') return `-ERR unknown command '${verb}'`
    const entry = entries.get(key)
    return entry !== undefined && entry.untilMs > Date.now() ? `+${entry.value}` : '$-1'
  }
  return {
    serve: {
      protocol: 'tcp',
      handle: socket => {
        createInterface({ input: socket })
          .on('line', line => socket.write(`${answer(line)}\r\n`))
          // A client that goes away is nothing to report; a reader of lines passes errors of its input on.
          .on('error', () => {})
      },
    },
  }
}
