import type { ReactNode } from 'react'
import { Badge } from '#components/ui/badge.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import type { Golden, Tcp } from '#lib/api/common.ts'
import { amount, quantityText } from '#lib/metrics/format.ts'
import type { CourseChart, CourseLine } from './course-charts.ts'
import styles from './course-headline.module.css'
import { LineKey } from './line-key.tsx'
import { SuccessRate } from './success-rate.tsx'

interface Numbers {
  readonly golden: Golden
  readonly tcp: Tcp
  /** What policy refused; `null` where nobody counts that. */
  readonly denied: number | null
}

interface CourseHeadlineProps {
  readonly chart: CourseChart
  /** `null` while loading. */
  readonly numbers: Numbers | null
  readonly missing: string
}

/** A chart's title and the numbers over the whole time, each with the line that it goes with. */
export function CourseHeadline({ chart, numbers, missing }: CourseHeadlineProps) {
  return (
    <header className={styles.headline}>
      <h3 className={styles.title}>{chart.title}</h3>
      {chart.id === 'requests' && (
        <p className={styles.keys} aria-hidden="true">
          {chart.lines.map(({ key, name, tone }) => (
            <span key={key} className={styles.key}>
              <LineKey tone={tone} shape={chart.shape} /> {name}
            </span>
          ))}
        </p>
      )}
      <p className={styles.numbers}>
        {numbers === null ? <Skeleton size="short" /> : shownNumbers(chart, numbers, missing)}
      </p>
    </header>
  )
}

function shownNumbers(chart: CourseChart, { golden, tcp, denied }: Numbers, missing: string): ReactNode {
  switch (chart.id) {
    case 'requests':
      return (
        <>
          <QuantityText of={chart.format(golden.rps)} {...reasonOf(golden.rps, missing)} />
          <span className={styles.beside}>
            <QuantityText of={amount(golden.requests, 'requests')} {...reasonOf(golden.requests, missing)} />
          </span>
        </>
      )
    case 'success':
      return (
        <>
          <span>
            <SuccessRate ratio={golden.successRate} reason={missing} />
          </span>
          {denied !== null && denied > 0 && (
            <span className={styles.beside}>
              <Badge tone="bad" reason="Requests and connections that policy refused in this time">
                ⊘ {quantityText(amount(denied, ''))} denied
              </Badge>
            </span>
          )}
        </>
      )
    case 'latency':
      return (['p50', 'p95', 'p99'] as const).map((quantile, index) => (
        <Part
          key={quantile}
          chart={chart}
          line={chart.lines[index]}
          value={golden.latencyMs[quantile]}
          missing={missing}
        />
      ))
    case 'bytes':
      return [tcp.readBytesPerSecond, tcp.writeBytesPerSecond].map((value, index) => (
        <Part
          key={chart.lines[index]?.key}
          chart={chart}
          line={chart.lines[index]}
          value={value}
          missing={missing}
        />
      ))
    case 'connections':
      return <QuantityText of={chart.format(tcp.open)} {...reasonOf(tcp.open, missing)} />
  }
}

interface PartProps {
  readonly chart: CourseChart
  readonly line: CourseLine | undefined
  readonly value: number | null
  readonly missing: string
}

function Part({ chart, line, value, missing }: PartProps) {
  if (line === undefined) return null
  return (
    <span className={styles.part}>
      <span className={styles.key}>
        <LineKey tone={line.tone} shape={chart.shape} /> {line.name}
      </span>{' '}
      <QuantityText of={chart.format(value)} {...reasonOf(value, missing)} />
    </span>
  )
}

function reasonOf(value: number | null, missing: string): { reason?: string } {
  return value === null ? { reason: missing } : {}
}
