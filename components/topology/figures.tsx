import { SuccessRate } from '#components/golden/success-rate.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import type { Golden, Tcp } from '#lib/api/common.ts'
import { amount, byteRate, latency, type Quantity, requestRate } from '#lib/metrics/format.ts'
import styles from './panel.module.css'

interface FiguresProps {
  readonly golden: Golden
  /** Absent where connections are not told apart. */
  readonly tcp?: Tcp
  /** Why a number that is missing is missing. */
  readonly reason: string
}

/** The golden metrics and TCP figures of one thing. */
export function Figures({ golden, tcp, reason }: FiguresProps) {
  const { p50, p95, p99 } = golden.latencyMs
  const figure = (name: string, value: number | null, format: (value: number | null) => Quantity) => (
    <div>
      <dt>{name}</dt>
      <dd>
        <QuantityText of={format(value)} {...(value === null ? { reason } : {})} />
      </dd>
    </div>
  )
  return (
    <dl className={styles.figures}>
      {figure('RPS', golden.rps, requestRate)}
      <div>
        <dt>Success</dt>
        <dd>
          <SuccessRate ratio={golden.successRate} reason={reason} />
        </dd>
      </div>
      {figure('Requests', golden.requests, value => amount(value, ''))}
      {figure('P50', p50, latency)}
      {figure('P95', p95, latency)}
      {figure('P99', p99, latency)}
      {tcp && figure('Connections', tcp.open, value => amount(value, ''))}
      {tcp && figure('Read', tcp.readBytesPerSecond, byteRate)}
      {tcp && figure('Written', tcp.writeBytesPerSecond, byteRate)}
    </dl>
  )
}
