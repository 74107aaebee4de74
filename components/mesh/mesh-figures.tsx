import type { ReactNode } from 'react'
import { SuccessRate } from '#components/golden/success-rate.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { Sparkline } from '#components/ui/sparkline.tsx'
import type { GoldenRow } from '#lib/api/golden.ts'
import type { SeriesRow } from '#lib/api/series.ts'
import { amount, byteRate, latency, percent, requestRate } from '#lib/metrics/format.ts'
import styles from './mesh-figures.module.css'

interface MeshFiguresProps {
  /** What the figures are of, in words: `the mesh`. */
  readonly of: string
  /** Its sums; `null` while loading. */
  readonly row: GoldenRow | null
  readonly series: SeriesRow | null
  /** What the trends reach over, in words. */
  readonly trendWords: string
  /** What the numbers leave out: a mark in their corner. */
  readonly notes?: ReactNode
}

const quantiles = ['p50', 'p95', 'p99'] as const

/** The golden metrics of the mesh or of a namespace, big, each with its course; below them what else is worth a look. */
export function MeshFigures({ of, row, series, trendWords, notes }: MeshFiguresProps) {
  const points = series?.points ?? []
  const golden = row?.golden
  return (
    <section className={styles.figures} aria-label={`Golden metrics of ${of}`}>
      <Figure
        label="Requests"
        value={golden && <QuantityText of={requestRate(golden.rps)} />}
        trend={
          <Sparkline
            values={points.map(point => point.rps)}
            floor={0}
            label={`Requests per second over the last ${trendWords}`}
          />
        }
      />
      <Figure
        label="Success rate"
        value={golden && <SuccessRate ratio={golden.successRate} reason="No request in this window" />}
        trend={
          <Sparkline
            values={points.map(point => point.successRate)}
            floor={0.9}
            ceiling={1}
            label={`Success rate over the last ${trendWords}`}
          />
        }
      />
      {quantiles.map(quantile => (
        <Figure
          key={quantile}
          label={`${quantile.toUpperCase()} latency`}
          value={golden && <QuantityText of={latency(golden.latencyMs[quantile])} />}
          trend={
            <Sparkline
              values={points.map(point => point.latencyMs[quantile])}
              floor={0}
              label={`${quantile.toUpperCase()} latency over the last ${trendWords}`}
            />
          }
        />
      ))}
      <Facts row={row} />
      <div className={styles.notes}>{notes}</div>
    </section>
  )
}

interface FigureProps {
  readonly label: string
  /** `undefined` while loading. */
  readonly value: ReactNode | undefined
  readonly trend: ReactNode
}

function Figure({ label, value, trend }: FigureProps) {
  return (
    <div className={styles.figure}>
      <h2 className={styles.label}>{label}</h2>
      <p className={styles.value}>{value ?? <Skeleton size="short" />}</p>
      <div className={styles.trend}>{trend}</div>
    </div>
  )
}

function Denied({ count }: { readonly count: number | null }) {
  const quantity = <QuantityText of={amount(count, '')} />
  if (count === null || count === 0) return quantity
  return (
    <Badge tone="bad" reason="Requests and connections that policy refused in this window">
      {quantity}
    </Badge>
  )
}

function Facts({ row }: { readonly row: GoldenRow | null }) {
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Meshed pods', row && `${row.meshed.running}/${row.meshed.total}`],
    [
      'mTLS',
      row && (
        <Hint words="Requests that came with mutual TLS, of all">
          <QuantityText of={percent(row.mtlsRate)} />
        </Hint>
      ),
    ],
    ['TCP connections', row && <QuantityText of={amount(row.tcp.open, '')} />],
    ['Read', row && <QuantityText of={byteRate(row.tcp.readBytesPerSecond)} />],
    ['Written', row && <QuantityText of={byteRate(row.tcp.writeBytesPerSecond)} />],
    ['Denied', row && <Denied count={row.denied} />],
  ]
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt>{name}</dt>
          <dd>{value ?? <Skeleton size="short" />}</dd>
        </div>
      ))}
    </dl>
  )
}
