import type { TransportSeries } from './transport-series.ts'

const ZONES = ['Local', 'Remote', 'Unknown'] as const
const OPS = ['Send', 'Recv'] as const

type Zone = (typeof ZONES)[number]
type Op = (typeof OPS)[number]

const zeros = (): Record<Zone, Record<Op, number>> => ({
  Local: { Send: 0, Recv: 0 },
  Remote: { Send: 0, Recv: 0 },
  Unknown: { Send: 0, Recv: 0 },
})

/** Bytes to and from endpoints, by whether these are in the proxy's own zone. */
export class TransferCosts {
  private readonly before = zeros()

  /** What was counted on the series up to now counts on, though it starts again from zero. */
  left(series: TransportSeries): void {
    addTo(this.before, series)
  }

  /** With what is counted on these. */
  all(series: readonly TransportSeries[]): readonly (readonly [op: Op, zone: Zone, bytes: number])[] {
    const sums = zeros()
    for (const one of series) addTo(sums, one)
    return OPS.flatMap(op => ZONES.map(zone => [op, zone, this.before[zone][op] + sums[zone][op]] as const))
  }
}

function addTo(
  sums: Record<Zone, Record<Op, number>>,
  { labels, readBytes, writeBytes }: TransportSeries,
): void {
  if (!labels.startsWith('direction="outbound",peer="dst"')) return
  const locality = /,dst_zone_locality="(local|remote)"/.exec(labels)?.[1]
  const sum = sums[locality === 'local' ? 'Local' : locality === 'remote' ? 'Remote' : 'Unknown']
  sum.Send += writeBytes
  sum.Recv += readBytes
}
