import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import { addLink, emptyLink, type Link } from './link.ts'

/** The resources that a link is drawn between; `null` leaves it out. */
export type LinkEnds = { readonly source: ResourceRef; readonly destination: ResourceRef } | null

/** Links added up between the resources that `endsOf` gives, by the id of the edge: `a>b`. */
export function groupLinks(links: readonly Link[], endsOf: (link: Link) => LinkEnds): Map<string, Link> {
  const groups = new Map<string, Link>()
  for (const link of links) {
    const ends = endsOf(link)
    if (!ends) continue
    const id = `${resourceId(ends.source)}>${resourceId(ends.destination)}`
    let group = groups.get(id)
    if (!group) {
      group = emptyLink({ ref: ends.source, pod: '' }, { ref: ends.destination, pod: '' }, link.service)
      groups.set(id, group)
    }
    addLink(group, link)
  }
  return groups
}
