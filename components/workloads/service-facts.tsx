import { Badge } from '#components/ui/badge.tsx'
import { Hint } from '#components/ui/hint.tsx'
import type { ServiceRow } from '#lib/api/inventory.ts'
import styles from './resource-facts.module.css'

interface ServiceFactsProps {
  /** `null` while loading. */
  readonly service: ServiceRow | null
}

/** Beside the name of a service: its kind, and how many of its pods have a proxy. */
export function ServiceBadges({ service }: ServiceFactsProps) {
  return (
    <>
      <Badge>service</Badge>
      {service && (
        <Badge
          tone={service.meshed.running < service.meshed.total ? 'warn' : 'quiet'}
          reason="Pods behind it with a proxy, of all pods"
        >
          {service.meshed.running}/{service.meshed.total} meshed
        </Badge>
      )}
    </>
  )
}

/** A line on what a service is: its ports, and whether a ServiceProfile tells its routes. It keeps its room. */
export function ServiceFacts({ service }: ServiceFactsProps) {
  return (
    <div className={styles.line}>
      {service?.ports.map(({ name, port, targetPort }) => (
        <Hint key={`${name} ${port}`} className={styles.fact} words="The port, and the one of the pods">
          {name} :{port} → {targetPort}
        </Hint>
      ))}
      {service && (
        <span className={styles.fact}>
          {service.routes === null
            ? 'no ServiceProfile'
            : `${service.routes.length} ${service.routes.length === 1 ? 'route' : 'routes'} in its profile`}
        </span>
      )}
    </div>
  )
}
