import { Card } from '#components/ui/card.tsx'
import { CardNote } from '#components/ui/card-note.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import type { SelfNumber } from '#lib/api/checks.ts'
import { amount, byteSize, duration, latency, percent, type Quantity } from '#lib/metrics/format.ts'
import styles from './self-numbers.module.css'

interface SelfNumbersProps {
  readonly numbers: readonly SelfNumber[]
}

/** The server's own numbers, by what they are about. */
export function SelfNumbers({ numbers }: SelfNumbersProps) {
  const groups = [...new Set(numbers.map(({ group }) => group))]
  return (
    <Card title="The server itself" aside="in the last minute">
      <div className={styles.groups}>
        {groups.map(group => (
          <section key={group} className={styles.group} aria-label={group}>
            <h3 className={styles.heading}>{group}</h3>
            <dl className={styles.numbers}>
              {numbers
                .filter(number => number.group === group)
                .map(number => (
                  <div key={number.id} className={styles.number}>
                    <dt>{number.title}</dt>
                    <dd>
                      <QuantityText of={shown(number)} reason="Nothing to measure in the last minute" />
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <CardNote>
        The same, since the start of the server, is at <code>/metrics</code> for a Prometheus.
      </CardNote>
    </Card>
  )
}

function shown({ value, unit }: SelfNumber): Quantity {
  switch (unit) {
    case 'count':
      return amount(value, '')
    case 'perSecond':
      return value === null ? amount(null, '') : { digits: value.toFixed(1), unit: '/s' }
    case 'seconds':
      return value !== null && value >= 60
        ? { digits: duration(value * 1_000), unit: '' }
        : latency(value === null ? null : value * 1_000)
    case 'bytes':
      return byteSize(value)
    case 'ratio':
      return percent(value)
  }
}
