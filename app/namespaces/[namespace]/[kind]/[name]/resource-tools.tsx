import { PageLink } from '#components/ui/page-link.tsx'
import { shortKind } from '#lib/resources/kinds.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import styles from './resource.module.css'

interface ResourceToolsProps {
  readonly resource: ResourceRef
  /** Only what has a proxy can be tapped. */
  readonly canTap: boolean
}

/** Where else the resource can be looked at. */
export function ResourceTools({ resource, canTap }: ResourceToolsProps) {
  const tap = new URLSearchParams({
    resource: `${shortKind(resource.kind)}/${resource.name}`,
    namespace: resource.namespace,
  })
  const topology = new URLSearchParams({ node: resourceId(resource) })
  if (resource.kind === 'service') topology.set('groupBy', 'service')
  return (
    <nav className={styles.tools} aria-label="More of it">
      {canTap && resource.kind !== 'service' && (
        <PageLink
          to={`/tap?${tap}`}
          className={styles.tool}
          hint="Watch its requests, once you press start there"
        >
          Tap…
        </PageLink>
      )}
      {resource.kind !== 'pod' && (
        <PageLink to={`/topology?${topology}`} className={styles.tool}>
          See in topology
        </PageLink>
      )}
    </nav>
  )
}
