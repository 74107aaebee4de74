import { profileExample } from './default-route.ts'
import styles from './routes.module.css'

interface ProfileHintProps {
  readonly services: readonly { readonly namespace: string; readonly name: string }[]
}

/** Says of services without a ServiceProfile how they get routes; `null` when every one has a profile. */
export function ProfileHint({ services }: ProfileHintProps) {
  const [first] = services
  if (first === undefined) return null
  const names = services.map(({ namespace, name }) => `${namespace}/${name}`)
  return (
    <section className={styles.hint} aria-label="Services without a ServiceProfile">
      <p>
        {names.join(', ')} {names.length === 1 ? 'has' : 'have'} no ServiceProfile, so{' '}
        {names.length === 1 ? 'its' : 'their'} requests are not told apart by route.
      </p>
      <details>
        <summary>How to make one</summary>
        <p>
          Add such a document to the mesh file, or apply it to the cluster. Requests are counted under its
          routes from then on.
        </p>
        <pre className={styles.example}>{profileExample(first)}</pre>
      </details>
    </section>
  )
}
