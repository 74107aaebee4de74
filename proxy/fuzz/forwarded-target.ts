import type { ReadRequest } from './read-message.ts'

/** The target with which a request goes on: an absolute one loses what its Host header says instead. */
export function forwardedTarget({ method, target }: ReadRequest): string {
  if (method === 'CONNECT' || !target.startsWith('http://')) return target
  const path = /^http:\/\/[^/?]*(.*)$/s.exec(target)?.[1] ?? ''
  if (path === '') return method === 'OPTIONS' ? '*' : '/'
  return path.startsWith('?') ? `/${path}` : path
}

/** A host's letters mean the same whatever their case; a path's do not. */
export function lowerHost(target: string): string {
  if (target.startsWith('/')) return target
  return target.replace(/^(?:http:\/\/)?[^/?]*/i, host => host.toLowerCase())
}
