import type { IncomingMessage, Server } from 'node:http'
import { basePathPlaceholder, readBasePath } from '#lib/api/base-path.ts'

/**
 * The prefix under which whoever sent this sees the server; `null` when a proxy names one that cannot be used. What a
 * proxy says (`X-Forwarded-Prefix`) counts before `basePath`. The Kubernetes API server tells the whole path that it was
 * asked for (`X-Forwarded-Uri`), of which we get the end.
 */
export function prefixOf(
  { headers, url = '' }: Pick<IncomingMessage, 'headers' | 'url'>,
  basePath: string,
): string | null {
  const told = headers['x-forwarded-prefix']
  if (told !== undefined) return readBasePath(String(told))
  if (basePath !== '') return basePath
  const whole = pathOf(String(headers['x-forwarded-uri'] ?? ''))
  const path = pathOf(url)
  return (path.startsWith('/') && whole.endsWith(path) && readBasePath(whole.slice(0, -path.length))) || ''
}

/** The address without the prefix; one that does not begin with it, for a proxy has removed it, stays as it is. */
function withoutPrefix(url: string, prefix: string): string {
  if (prefix === '' || !url.startsWith(prefix)) return url
  const rest = url.slice(prefix.length)
  if (rest === '' || rest.startsWith('?')) return `/${rest}`
  return rest.startsWith('/') ? rest : url
}

/** Takes the prefix from the address of each request before any other listener sees it: call this last. */
export function stripPrefixes(server: Server, basePath: string): void {
  const strip = (request: IncomingMessage): void => {
    request.url = withoutPrefix(request.url ?? '', prefixOf(request, basePath) ?? '')
  }
  server.prependListener('request', strip)
  server.prependListener('upgrade', strip)
}

/** Built text with the prefix in the placeholder's place. */
export function withPrefix(text: string, prefix: string): string {
  if (prefix !== '') return text.replaceAll(basePathPlaceholder, prefix)
  // The address of the first page is the prefix alone; without one it is a slash.
  return text.replaceAll(wholeAttribute, '="/').replaceAll(basePathPlaceholder, '')
}

const wholeAttribute = new RegExp(`="${basePathPlaceholder}(?=["?#])`, 'g')

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? ''
}
