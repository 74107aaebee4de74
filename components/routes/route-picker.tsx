'use client'

import { shortKind } from '#lib/resources/kinds.ts'
import styles from './routes.module.css'

/** Whose routes are asked for: a service's or a workload's. */
export interface RouteSubject {
  readonly namespace: string
  readonly kind: string
  readonly name: string
}

interface RoutePickerProps {
  readonly services: readonly RouteSubject[]
  readonly workloads: readonly RouteSubject[]
  /** `svc/users`, as the address spells it; `null`: of all services. */
  readonly resource: string | null
  /** The namespace chosen on the page; `null`: all of them. */
  readonly namespace: string | null
  readonly onChoose: (subject: RouteSubject | null) => void
}

/** Chooses the service or workload whose routes are shown. */
export function RoutePicker({ services, workloads, resource, namespace, onChoose }: RoutePickerProps) {
  const subjects = [...services, ...workloads]
  const chosen = resource === null ? '' : `${namespace ?? ''} ${resource}`
  const isListed = chosen === '' || subjects.some(subject => keyOf(subject) === chosen)
  return (
    <label className={styles.picker}>
      Routes of{' '}
      <select
        className={styles.select}
        value={chosen}
        onChange={({ target }) => onChoose(subjects.find(subject => keyOf(subject) === target.value) ?? null)}
      >
        <option value="">all services</option>
        {!isListed && (
          <option value={chosen}>{namespace === null ? `${resource} of any namespace` : resource}</option>
        )}
        <Group label="Services" subjects={services} withNamespace={namespace === null} />
        <Group label="Workloads, what they serve" subjects={workloads} withNamespace={namespace === null} />
      </select>
    </label>
  )
}

interface GroupProps {
  readonly label: string
  readonly subjects: readonly RouteSubject[]
  readonly withNamespace: boolean
}

function Group({ label, subjects, withNamespace }: GroupProps) {
  if (subjects.length === 0) return null
  return (
    <optgroup label={label}>
      {subjects.map(subject => (
        <option key={keyOf(subject)} value={keyOf(subject)}>
          {withNamespace ? `${subject.namespace}/` : ''}
          {resourceText(subject)}
        </option>
      ))}
    </optgroup>
  )
}

/** A subject as the address and the command line spell it: `svc/users`. */
export function resourceText({ kind, name }: RouteSubject): string {
  return `${shortKind(kind)}/${name}`
}

function keyOf(subject: RouteSubject): string {
  return `${subject.namespace} ${resourceText(subject)}`
}
