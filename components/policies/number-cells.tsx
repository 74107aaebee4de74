import { quantileColumns } from '#components/golden/quantile-columns.tsx'
import { SuccessRate } from '#components/golden/success-rate.tsx'
import { Badge } from '#components/ui/badge.tsx'
import type { Column } from '#components/ui/data-table.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import type { Golden } from '#lib/api/common.ts'
import type { Refused } from '#lib/api/policies.ts'
import { quantityText, requestRate } from '#lib/metrics/format.ts'

/** Something whose golden metrics a table shows. */
export interface HasGolden {
  readonly golden: Golden
}

const unheard = 'No proxy of these pods answered: only a proxy enforces and counts policy'
const unused = 'No request in this time'

const reasonOf = ({ requests }: Golden): string => (requests === null ? unheard : unused)

/** Requests per second, success rate and latency of what was let in. */
export const goldenColumns: readonly Column<HasGolden>[] = [
  {
    id: 'rps',
    heading: 'Allowed',
    meaning: 'Requests per second that policy let in',
    width: 'narrow',
    cell: ({ golden }) => <Rate perSecond={golden.rps} />,
    sortBy: ({ golden }) => golden.rps,
  },
  {
    id: 'success',
    heading: 'Success',
    meaning: 'Successful responses, of all that policy let in',
    width: 'number',
    cell: ({ golden }) => <SuccessRate ratio={golden.successRate} aligned reason={reasonOf(golden)} />,
    sortBy: ({ golden }) => golden.successRate,
  },
  ...quantileColumns<HasGolden>({
    latencyIn: ({ golden }) => golden.latencyMs,
    reasonOf: ({ golden }) => reasonOf(golden),
    p95Stays: false,
  }),
]

function Rate({ perSecond }: { readonly perSecond: number | null }) {
  return (
    <QuantityText
      of={requestRate(perSecond)}
      align={{ decimals: 1, unit: 'rate' }}
      {...(perSecond === null ? { reason: unheard } : {})}
    />
  )
}

/** A rate of refusals, which stands out when there is any. */
export function RefusedRate({ of, words }: { readonly of: Refused; readonly words: string }) {
  if (!of.count || of.perSecond === null) return <Rate perSecond={of.perSecond} />
  return (
    <Badge tone="bad" reason={`${of.count} ${words} in this time`}>
      ⊘ {quantityText(requestRate(of.perSecond))}
    </Badge>
  )
}
