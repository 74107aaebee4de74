import type { HeaderChange } from '#lib/policy/policy-route.ts'
import type { HttpRequest } from './message.ts'

/** They say where a message ends and belong to one connection: a rule of the mesh cannot change them. */
const UNTOUCHED = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Adds, sets and removes headers of a request, in this order. `host` is the authority it asks for. */
export function changeHeaders(request: HttpRequest, { add, set, remove }: HeaderChange): void {
  for (const { name, value } of add) put(request, name.toLowerCase(), value)
  for (const { name, value } of set) {
    drop(request, name.toLowerCase())
    put(request, name.toLowerCase(), value)
  }
  for (const name of remove) drop(request, name.toLowerCase())
}

function put(request: HttpRequest, name: string, value: string): void {
  if (UNTOUCHED.has(name)) return
  const text = value.replaceAll(/[^\t\x20-\x7e\x80-\xff]+/g, ' ')
  if (name === 'host') {
    request.authority = text
    request.isAbsolute = true
  } else request.headers.add(name, text)
}

function drop({ headers }: HttpRequest, name: string): void {
  if (UNTOUCHED.has(name) || name === 'host') return
  headers.removeAll(name)
  if (headers.added === '') return
  headers.added = headers.added
    .split('\r\n')
    .filter(line => !line.startsWith(`${name}: `))
    .join('\r\n')
}
