import { Hint } from '#components/ui/hint.tsx'
import type { Edge } from '#lib/api/edges.ts'
import { mtlsReason } from '#lib/api/mtls-reasons.ts'
import { percent, quantityText } from '#lib/metrics/format.ts'
import styles from './mtls-mark.module.css'

type Secured = Pick<Edge, 'mtls' | 'mtlsRatio' | 'reasons'>

/** A few words on how traffic is secured: `mTLS`, `97.20 % mTLS`, or why it is not. */
export function mtlsWords({ mtls, mtlsRatio, reasons }: Secured): string {
  const why = reasons.map(reason => mtlsReason(reason).words).join(', ')
  switch (mtls) {
    case 'all':
      return 'mTLS'
    case 'some':
      return mtlsRatio === null ? 'partly mTLS' : `${quantityText(percent(mtlsRatio))} mTLS`
    case 'none':
      return why === '' ? 'no mTLS' : why
    case 'unknown':
      return 'unknown'
  }
}

/** The same in whole sentences, for whoever hovers or cannot see the lock. */
export function mtlsMeaning({ mtls, mtlsRatio, reasons }: Secured): string {
  const why = reasons.map(reason => mtlsReason(reason).meaning).join('. ')
  switch (mtls) {
    case 'all':
      return 'All of it is encrypted, and both ends are who they should be'
    case 'some':
      return [`${mtlsRatio === null ? 'A part' : quantityText(percent(mtlsRatio))} of it is secured`, why]
        .filter(text => text !== '')
        .join('. ')
    case 'none':
      return why === '' ? 'None of it is secured' : why
    case 'unknown':
      return why === '' ? 'No proxy could tell' : why
  }
}

const paths = {
  all: 'M5 7V5a3 3 0 0 1 6 0v2',
  some: 'M5 7V5a3 3 0 0 1 6 0v2',
  none: 'M5 7V4.5a3 3 0 0 1 5.8-1.1',
  unknown: 'M5 7V5a3 3 0 0 1 6 0v2',
} as const

/** A lock, closed or open, with the words beside it and the sentences on hover. */
export function MtlsMark({ of }: { readonly of: Secured }) {
  return (
    <Hint className={styles.mark} words={mtlsMeaning(of)}>
      <svg className={styles[of.mtls]} width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path d={paths[of.mtls]} fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
        <rect
          x="3"
          y="7"
          width="10"
          height="7"
          rx="1.5"
          fill={of.mtls === 'all' ? 'currentColor' : 'none'}
          stroke="currentColor"
          strokeWidth="1.4"
        />
        {of.mtls === 'some' && <rect x="3" y="10.5" width="10" height="3.5" rx="1.2" fill="currentColor" />}
      </svg>
      <span className={`${styles.words} ${of.mtls === 'all' ? styles.plain : ''}`}>{mtlsWords(of)}</span>
    </Hint>
  )
}
