import type { Edge } from '#lib/api/edges.ts'

/** Whether a word of the edge's ends or identities contains the text. */
export function mentions({ source, destination, clientId, serverId }: Edge, text: string): boolean {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  const words = [source.namespace, source.name, destination.namespace, destination.name, clientId, serverId]
  return `${words.join(' ')} ${source.namespace}/${source.name} ${destination.namespace}/${destination.name}`
    .toLowerCase()
    .includes(wanted)
}
