import { Hint } from '#components/ui/hint.tsx'
import { PageLink } from '#components/ui/page-link.tsx'
import { resourcePath } from '#components/ui/page-path.ts'
import { parseKind } from '#lib/resources/kinds.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'
import styles from './resource-link.module.css'

/** What the kinds that are no resources of the mesh are called. */
const kindWords: Readonly<Record<string, string>> = {
  unmeshed: 'not meshed',
  external: 'outside the mesh',
  serviceaccount: 'service account',
}

interface ResourceLinkProps {
  readonly resource: { readonly namespace: string; readonly kind: string; readonly name: string }
  /** Leaves the kind out, where all have the same. */
  readonly bare?: boolean
}

/** `namespace/name` and the kind; a link where the resource has a page. */
export function ResourceLink({ resource, bare = false }: ResourceLinkProps) {
  const { namespace, kind, name } = resource
  const path = parseKind(kind) === undefined ? null : resourcePath(resource as ResourceRef)
  const words = (
    <>
      {namespace !== '' && <span className={styles.namespace}>{namespace}/</span>}
      <wbr />
      <span className={styles.own}>{name}</span>
    </>
  )
  const full = [namespace, kind, name].filter(part => part !== '').join('/')
  return (
    <span className={styles.resource}>
      {path === null ? (
        <Hint className={styles.words} words={full}>
          {words}
        </Hint>
      ) : (
        <PageLink className={`${styles.words} ${styles.link}`} to={path} hint={full}>
          {words}
        </PageLink>
      )}
      {!bare && <span className={styles.kind}>{kindWords[kind] ?? kind}</span>}
    </span>
  )
}
