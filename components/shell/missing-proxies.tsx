import type { Coverage } from '#lib/api/common.ts'
import styles from './status-strip.module.css'

const shownMax = 50

/** Which proxies did not answer: the first in a few words, and all, with since when and why, on demand. */
export function MissingProxies({ missing }: { readonly missing: Coverage['missing'] }) {
  const [first] = missing
  if (first === undefined) return null
  return (
    <details className={styles.details}>
      <summary>
        Missing: {first.namespace}/{first.pod}, {sinceWords(first.since)}
        {missing.length > 1 && ` and ${missing.length - 1} more`}
      </summary>
      <div className={styles.over}>
        <p>What they carried since then is not in the numbers:</p>
        <ul>
          {missing.slice(0, shownMax).map(({ namespace, pod, since, reason }) => (
            <li key={`${namespace}/${pod}`}>
              <code>
                {namespace}/{pod}
              </code>{' '}
              {sinceWords(since)}: {reason}
            </li>
          ))}
          {missing.length > shownMax && <li>and {missing.length - shownMax} more</li>}
        </ul>
      </div>
    </details>
  )
}

function sinceWords(since: string | null): string {
  if (since === null) return 'never heard of'
  return `not heard of since ${new Date(since).toLocaleTimeString('en-GB')}`
}
