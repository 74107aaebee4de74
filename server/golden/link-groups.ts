import type { Endpoint } from './callers.ts'
import { addLink, asGroup, type Link } from './link.ts'

/** What a link is drawn between. */
export interface LinkEnds {
  readonly source: Endpoint
  readonly destination: Endpoint
}

/** Links added up between the ends that `endsOf` gives, by the id of the edge: `a>b`. The links given are used up. */
export function groupLinks(links: Iterable<Link>, endsOf: (link: Link) => LinkEnds): Map<string, Link> {
  const groups = new Map<string, Link>()
  for (const link of links) {
    const { source, destination } = endsOf(link)
    const id = `${source.id}>${destination.id}`
    const group = groups.get(id)
    if (group) addLink(group, link)
    else groups.set(id, asGroup(link, source, destination))
  }
  return groups
}
