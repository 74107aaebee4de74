import { iconOf } from './kind-icons.ts'
import styles from './legend.module.css'

const nodeSigns = [
  { sign: 'ring', words: 'ring: success of what it received, red part: its failures' },
  { sign: 'warn', words: '▲ below 95 %' },
  { sign: 'bad', words: '■ below 90 %' },
  { sign: 'denied', words: '⊘ policy denied some of it' },
  { sign: 'idle', words: 'thin ring: idle' },
  { sign: 'unmeshed', words: 'dashed ring: not meshed' },
  { sign: 'account', words: 'dotted ring: known by identity only' },
  { sign: 'external', words: 'diamond: outside the mesh' },
  { sign: 'group', words: 'square: a service, or a namespace folded' },
] as const

const edgeSigns = [
  { sign: 'good', words: 'requests: 95 % successful or more; wider: more of them' },
  { sign: 'edgeWarn', words: '▲ below 95 %' },
  { sign: 'edgeBad', words: '■ below 90 %' },
  { sign: 'edgeDenied', words: '⊘ dotted: denied by policy' },
  { sign: 'tcp', words: 'long dashes: TCP' },
  { sign: 'quiet', words: 'grey dashes: nothing in this time' },
  { sign: 'closed', words: 'closed lock: mTLS, both ends as expected' },
  { sign: 'half', words: 'half-filled lock: a part is secured' },
  { sign: 'open', words: 'open lock: not mTLS' },
  { sign: 'unknown', words: 'dashed lock: nobody can tell' },
  { sign: 'differs', words: '≠ the two ends counted differently' },
] as const

const kinds = [
  'deployment',
  'statefulset',
  'daemonset',
  'job',
  'cronjob',
  'pod',
  'service',
  'namespace',
] as const

/** Explains every sign of the picture; folded until somebody asks. */
export function Legend() {
  return (
    <details className={styles.legend}>
      <summary className={styles.title}>Legend</summary>
      <div className={styles.columns}>
        <ul className={styles.list} aria-label="Nodes">
          {nodeSigns.map(({ sign, words }) => (
            <li key={sign}>
              <NodeSign sign={sign} />
              {words}
            </li>
          ))}
        </ul>
        <ul className={styles.list} aria-label="Edges">
          {edgeSigns.map(({ sign, words }) => (
            <li key={sign}>
              <EdgeSign sign={sign} />
              {words}
            </li>
          ))}
        </ul>
        <ul className={`${styles.list} ${styles.kinds}`} aria-label="Kinds">
          {kinds.map(kind => (
            <li key={kind}>
              <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <path d={iconOf(kind)} fill="none" stroke="currentColor" strokeWidth="1.2" />
              </svg>
              {kind}
            </li>
          ))}
        </ul>
      </div>
    </details>
  )
}

function NodeSign({ sign }: { readonly sign: (typeof nodeSigns)[number]['sign'] }) {
  return (
    <svg className={styles[sign]} viewBox="0 0 26 16" width="26" height="16" aria-hidden="true">
      {sign === 'external' ? (
        <path d="M13 1.5 19.5 8 13 14.5 6.5 8z" />
      ) : sign === 'group' ? (
        <rect x="7" y="2" width="12" height="12" rx="3" />
      ) : (
        <circle cx="13" cy="8" r="6" />
      )}
      {sign === 'ring' && <path className={styles.part} d="M13 2a6 6 0 0 1 5 2.7" />}
    </svg>
  )
}

const locks = {
  closed: 'M10.5 7V5a2.5 2.5 0 0 1 5 0v2',
  half: 'M10.5 7V5a2.5 2.5 0 0 1 5 0v2',
  unknown: 'M10.5 7V5a2.5 2.5 0 0 1 5 0v2',
  open: 'M10.5 7V5a2.5 2.5 0 0 1 4.6-1.4',
} as const

function EdgeSign({ sign }: { readonly sign: (typeof edgeSigns)[number]['sign'] }) {
  switch (sign) {
    case 'closed':
    case 'half':
    case 'open':
    case 'unknown':
      return (
        <svg className={styles[sign]} viewBox="0 0 26 16" width="26" height="16" aria-hidden="true">
          <path d={locks[sign]} />
          <rect className={styles.body} x="9" y="7" width="8" height="6" rx="1" />
          {sign === 'half' && <rect className={styles.filled} x="9" y="10" width="8" height="3" />}
        </svg>
      )
    case 'differs':
      return (
        <svg className={styles.open} viewBox="0 0 26 16" width="26" height="16" aria-hidden="true">
          <path d="M8 6.2h10M8 10h10M15.5 3.5l-5 9.5" />
        </svg>
      )
    default:
      return (
        <svg className={styles[sign]} viewBox="0 0 26 16" width="26" height="16" aria-hidden="true">
          <path d="M1 8h24" />
        </svg>
      )
  }
}
