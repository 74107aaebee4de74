import { conditionOf, missingReason } from '#components/golden/condition.ts'
import { ResourceLink } from '#components/golden/resource-link.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { PageLink } from '#components/ui/page-link.tsx'
import { resourcePath } from '#components/ui/page-path.ts'
import type { GoldenRow } from '#lib/api/golden.ts'
import type { WorkloadRow } from '#lib/api/inventory.ts'
import { amount, quantityText } from '#lib/metrics/format.ts'
import styles from './resource-facts.module.css'

interface ResourceFactsProps {
  readonly kind: string
  readonly name: string
  /** `null` while loading. */
  readonly row: GoldenRow | null
  readonly workload: WorkloadRow | null
}

/** Beside the name of a workload or pod: its kind and its part in the mesh. */
export function ResourceBadges({ kind, row }: Pick<ResourceFactsProps, 'kind' | 'row'>) {
  return (
    <>
      <Badge>{kind}</Badge>
      {row && <MeshBadge row={row} />}
    </>
  )
}

/** A line on what a workload or pod is: its identities and the services in front of it. It keeps its room. */
export function ResourceFacts({ kind, name, workload }: Omit<ResourceFactsProps, 'row'>) {
  const ip = kind === 'pod' ? workload?.pods.find(pod => pod.name === name)?.ip : undefined
  return (
    <div className={styles.line}>
      {ip !== undefined && <span className={styles.fact}>{ip}</span>}
      {workload && kind === 'pod' && workload.workload.kind !== 'pod' && (
        <span className={styles.fact}>
          of <ResourceLink resource={workload.workload} />
        </span>
      )}
      {workload?.identities.map(identity => (
        <Hint key={identity} className={styles.fact} words={identity}>
          identity {identity.split('.').slice(0, 2).join('.')}
        </Hint>
      ))}
      {workload?.services.map(service => {
        const [namespace = '', name = ''] = service.split('/')
        const path = resourcePath({ namespace, kind: 'service', name })
        return (
          <span key={service} className={styles.fact}>
            service {path === null ? name : <PageLink to={path}>{name}</PageLink>}
          </span>
        )
      })}
    </div>
  )
}

function MeshBadge({ row }: { readonly row: GoldenRow }) {
  const { running, total } = row.meshed
  const condition = conditionOf(row)
  const denied = row.denied ?? 0
  return (
    <>
      {running === 0 ? (
        <Badge tone="dashed" reason={missingReason.unmeshed}>
          not meshed
        </Badge>
      ) : (
        <Badge tone={running < total ? 'warn' : 'quiet'} reason="Pods with a proxy, of all pods">
          {running}/{total} meshed
        </Badge>
      )}
      {(condition === 'unanswered' || condition === 'idle') && (
        <Badge tone={condition === 'idle' ? 'quiet' : 'warn'} reason={missingReason[condition]}>
          {condition === 'idle' ? 'idle' : 'no answer'}
        </Badge>
      )}
      {condition === 'sending' && (
        <Badge reason="It received no request in this time: its numbers are of the requests it sent">
          sends only
        </Badge>
      )}
      {denied > 0 && (
        <Badge tone="bad" reason="Requests and connections that policy refused in this time">
          ⊘ {quantityText(amount(denied, ''))} denied
        </Badge>
      )}
    </>
  )
}
