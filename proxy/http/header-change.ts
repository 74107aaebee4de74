import type { HeaderEdit } from '#lib/policy/policy-route.ts'
import type { HeaderBlock } from './header-block.ts'
import type { HttpRequest, HttpResponse } from './message.ts'

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
export function changeHeaders(request: HttpRequest, edit: HeaderEdit): void {
  editHeaders(request.headers, edit, authority => {
    request.authority = authority
    request.isAbsolute = true
  })
}

/** The same for a response, whose `host` means nothing. */
export function changeResponseHeaders({ headers }: HttpResponse, edit: HeaderEdit): void {
  editHeaders(headers, edit, () => {})
}

function editHeaders(
  headers: HeaderBlock,
  { add, set, remove }: HeaderEdit,
  setHost: (host: string) => void,
): void {
  const put = (name: string, value: string): void => {
    if (UNTOUCHED.has(name)) return
    const text = value.replaceAll(/[^\t\x20-\x7e\x80-\xff]+/g, ' ')
    if (name === 'host') setHost(text)
    else headers.add(name, text)
  }
  for (const { name, value } of add) put(name.toLowerCase(), value)
  for (const { name, value } of set) {
    drop(headers, name.toLowerCase())
    put(name.toLowerCase(), value)
  }
  for (const name of remove) drop(headers, name.toLowerCase())
}

function drop(headers: HeaderBlock, name: string): void {
  if (UNTOUCHED.has(name) || name === 'host') return
  headers.removeAll(name)
  if (headers.added === '') return
  headers.added = headers.added
    .split('\r\n')
    .filter(line => !line.startsWith(`${name}: `))
    .join('\r\n')
}
