import type { TapState } from '#components/live/tap-state.ts'
import { Button } from '#components/ui/button.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { Notice } from '#components/ui/notice.tsx'
import styles from './tap-summary.module.css'
import { droppedWords, shownWords } from './tap-words.ts'

interface TapSummaryProps {
  readonly tapped: TapState
  readonly onPause: () => void
  readonly onResume: () => void
  readonly onClear: () => void
}

const stateWords = {
  starting: 'Starting',
  running: 'Tapping',
  paused: 'Paused',
  ended: 'Stopped',
} as const

/** How the tap stands: what it shows of how much, what it lost and why, which pods it reaches. */
export function TapSummary({ tapped, onPause, onResume, onClear }: TapSummaryProps) {
  if (tapped.state === 'idle') return null
  const stats = tapped.state === 'starting' ? null : tapped.stats
  const pods = stats?.pods ?? []
  const failed = pods.filter(pod => pod.state === 'failed')
  const tapping = pods.filter(pod => pod.state === 'tapping').length
  const dropped = stats === null ? [] : droppedWords(stats)
  return (
    <>
      <div className={styles.line} role="status">
        <span className={`${styles.state} ${styles[tapped.state]}`}>{stateWords[tapped.state]}</span>
        {stats !== null && (
          <Hint
            className={styles.count}
            words="Shown, of all requests that the tapped proxies carried meanwhile, whether the filters let them through or not"
          >
            {shownWords(stats)}
          </Hint>
        )}
        {pods.length > 0 && (
          <span className={styles.quiet}>
            {tapping} of {pods.length} pods
          </span>
        )}
        {dropped.map(words => (
          <span key={words} className={styles.dropped}>
            {words}
          </span>
        ))}
        <span className={styles.tools}>
          {tapped.state === 'running' && <Button onClick={onPause}>Pause</Button>}
          {tapped.state === 'paused' && <Button onClick={onResume}>Resume</Button>}
          <Button onClick={onClear} disabled={tapped.state === 'starting'}>
            Clear
          </Button>
        </span>
      </div>
      {tapped.state === 'ended' && tapped.failure !== null && (
        <Notice kind="failed" title={tapped.failure.message}>
          <p>{tapped.failure.hint}</p>
          <p>
            <code>{tapped.failure.code}</code>
          </p>
        </Notice>
      )}
      {failed.length > 0 && (
        <Notice kind="partial" title={`${failed.length} of ${pods.length} pods cannot be tapped`}>
          <ul>
            {failed.slice(0, 5).map(pod => (
              <li key={`${pod.namespace}/${pod.pod}`}>
                <code>
                  {pod.namespace}/{pod.pod}
                </code>{' '}
                {pod.error}
              </li>
            ))}
          </ul>
          {failed.length > 5 && <p>and {failed.length - 5} more</p>}
        </Notice>
      )}
    </>
  )
}
