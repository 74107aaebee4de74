import type { Socket } from 'socket.io-client'
import * as z from 'zod/mini'
import {
  type TapClientEvents,
  type TapFilter,
  type TapServerEvents,
  type TapStats,
  tapEventsSchema,
  tapStatsMessageSchema,
} from '#lib/api/tap.ts'
import { parseResource } from '#lib/resources/parse-resource.ts'
import { ApiError, baseUrl, unreachable } from './api-client.ts'
import { type Command, type Terminal, UsageError } from './command.ts'
import { isNamespaced } from './kind-names.ts'
import {
  apiOptions,
  apiOptionsHelp,
  type OptionValues,
  type OutputFormat,
  readApiAddress,
  readNamespace,
  readOptions,
  readOutput,
} from './options.ts'
import { type Printed, tapLines } from './tap-lines.ts'
import { tapSummary } from './tap-summary.ts'

const options = {
  ...apiOptions,
  to: { type: 'string' },
  'to-namespace': { type: 'string' },
  'max-rps': { type: 'string' },
  scheme: { type: 'string' },
  method: { type: 'string' },
  authority: { type: 'string' },
  path: { type: 'string' },
  selector: { type: 'string', short: 'l' },
} as const

const help = `Print live requests.

Usage: meshscope tap [flags] (RESOURCE)

RESOURCE is TYPE or TYPE/NAME: requests that its pods receive and send are printed as they end, each as a line when it
began (req), its response (rsp) and its end (end). One that both ends tell of is printed once, as its caller saw it.
Ctrl-C ends it and says what was not shown, and why. With -o json each request is one line, with its headers.

Examples:
  meshscope tap deploy/web -n shop                        what web receives and sends
  meshscope tap deploy/web -n shop --to svc/users         what web sends to users
  meshscope tap ns/shop --method POST --path /api         all that begins so in a namespace
  meshscope tap deploy -n shop -o json | jq .status       for a program

Flags:
${apiOptionsHelp}
      --authority authority     only requests with this authority
      --max-rps number          requests per second that are shown, 1 to 5000 (default 100)
      --method method           only requests with this method
      --path path               only requests whose path begins so
      --scheme scheme           only http or only https
  -l, --selector selector       only instances with these labels: a=b,c!=d,e in (x,y)
      --to resource             only what is sent to resource
      --to-namespace name       where --to is (default: the same namespace)
`

/** Live requests, a few lines or one JSON object each, until it is interrupted. */
export const tapCommand: Command = {
  name: 'tap',
  summary: 'requests as they happen',
  help,
  async run(args, terminal) {
    const { values, words } = readOptions(args, options)
    const output = readOutput(values.output)
    const filter = readFilter(values, words, output, terminal.env)
    const base = baseUrl(readApiAddress(values, terminal.env))
    const stats = await follow(base, filter, output, terminal)
    if (stats !== null) terminal.complain(tapSummary(stats, filter))
  },
}

function readFilter(
  values: OptionValues<typeof options>,
  words: readonly string[],
  output: OutputFormat,
  env: Terminal['env'],
): TapFilter {
  const resource = words.join(' ')
  const parsed = parseResource(resource)
  if (!parsed.ok) throw new UsageError(`tap: ${parsed.problem}`)
  const { kind, name } = parsed.value
  if (values.to !== undefined) {
    const to = parseResource(values.to)
    if (!to.ok) throw new UsageError(`--to: ${to.problem}`)
  } else if (values['to-namespace'] !== undefined) {
    throw new UsageError('--to-namespace: expected --to with it')
  }
  return {
    resource: name === null ? kind : `${kind}/${name}`,
    namespace: isNamespaced(kind) ? readNamespace(values, env) : undefined,
    to: values.to,
    toNamespace: values['to-namespace'],
    method: values.method,
    path: values.path,
    authority: values.authority,
    scheme: readScheme(values.scheme),
    selector: values.selector,
    maxRps: readMaxRps(values['max-rps']),
    extract: output === 'json' ? 'headers' : undefined,
  }
}

function readScheme(text: string | undefined): 'http' | 'https' | undefined {
  if (text === undefined || text === 'http' || text === 'https') return text
  throw new UsageError(`--scheme: expected http or https, and got ${JSON.stringify(text)}`)
}

function readMaxRps(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const maxRps = Math.ceil(Number(text))
  if (maxRps >= 1 && maxRps <= 5_000) return maxRps
  throw new UsageError(`--max-rps: expected 1 to 5000, and got ${JSON.stringify(text)}`)
}

const stopWithinMs = 1_000

/** Prints until interrupted; then gives the newest numbers. Throws `ApiError` when the server refuses or is gone. */
async function follow(
  base: URL,
  filter: TapFilter,
  output: OutputFormat,
  terminal: Terminal,
): Promise<TapStats | null> {
  const { io } = await import('socket.io-client')
  const socket: Socket<TapServerEvents, TapClientEvents> = io(`${base.origin}/tap`, {
    path: `${base.pathname}socket.io`,
    transports: ['websocket'],
    reconnection: false,
  })
  const printed: Printed = new Map()
  const warned = new Map<string, string>()
  let tap: string | null = null
  let stopping: ReturnType<typeof setTimeout> | undefined
  let newest: TapStats | null = null
  let stopListening = (): void => {}
  try {
    await new Promise<void>((done, fail) => {
      stopListening = terminal.onInterrupt(() => {
        // Its answer holds the last numbers; a server that does not answer is not waited for.
        if (tap === null || stopping !== undefined) return done()
        socket.emit('stop', { tap })
        stopping = setTimeout(done, stopWithinMs)
      })
      socket.on('connect_error', error => fail(unreachable(base, reasonOf(error))))
      socket.on('disconnect', () => {
        fail(new ApiError(`Lost the connection to meshscope at ${base.origin}`, 'Start the command again'))
      })
      socket.on('connect', () => {
        socket.emit('start', { filter }, reply => {
          if ('error' in reply) fail(new ApiError(reply.error.message, reply.error.hint))
          else tap = reply.tap
        })
      })
      socket.on('events', message => {
        const parsed = z.safeParse(tapEventsSchema, message)
        if (!parsed.success) return fail(unreadable(base, parsed.error))
        for (const event of parsed.data.events) {
          const lines =
            output === 'json' ? [JSON.stringify(event)] : tapLines(event, printed, output === 'wide')
          terminal.print(lines.map(line => `${line}\n`).join(''))
        }
      })
      socket.on('stats', message => {
        const parsed = z.safeParse(tapStatsMessageSchema, message)
        if (!parsed.success) return fail(unreadable(base, parsed.error))
        newest = parsed.data.stats
        warnOfPods(newest, warned, terminal)
      })
      socket.on('end', ({ error }) => {
        if (error === null) done()
        else fail(new ApiError(error.message, error.hint))
      })
    })
  } finally {
    clearTimeout(stopping)
    stopListening()
    socket.removeAllListeners()
    socket.disconnect()
  }
  return newest
}

/** The reason that a failed connection holds, whose own message only says that it failed. */
function reasonOf(error: Error): unknown {
  const described: unknown = 'description' in error ? error.description : null
  const isSpecific = typeof described === 'object' && described !== null && 'message' in described
  return isSpecific ? described.message : error
}

function unreadable(base: URL, error: z.core.$ZodError): ApiError {
  return new ApiError(
    `Cannot read what ${base.origin} tells: ${z.prettifyError(error)}`,
    'The server may be of another version than this command: compare `meshscope --version`',
  )
}

/** Names each pod that is not tapped, once for each reason. */
function warnOfPods({ pods }: TapStats, warned: Map<string, string>, terminal: Terminal): void {
  for (const { namespace, pod, state, error = '' } of pods) {
    const id = `${namespace}/${pod}`
    if (state === 'tapping') warned.delete(id)
    if (state !== 'failed' || warned.get(id) === error) continue
    warned.set(id, error)
    terminal.complain(`Warning: ${id} is not tapped: ${error}`)
  }
}
