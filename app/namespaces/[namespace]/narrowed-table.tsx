import { useSearchParams } from 'next/navigation'
import { type ComponentProps, useMemo } from 'react'
import { GoldenTable } from '#components/golden/golden-table.tsx'
import { FilterLine, passesFilter } from '#components/ui/filter-line.tsx'

/** Golden metrics of what there may be many of, narrowed by a text that is in the address. */
export function NarrowedTable(props: Omit<ComponentProps<typeof GoldenTable>, 'tools'>) {
  const { of, rows, empty } = props
  const param = `filter-${of}`
  const text = useSearchParams().get(param) ?? ''
  const shown = useMemo(
    () => rows?.filter(row => passesFilter(row.resource.name, text)) ?? null,
    [rows, text],
  )
  const count = rows === null || shown === null ? undefined : { shown: shown.length, all: rows.length }
  return (
    <GoldenTable
      {...props}
      rows={shown}
      tools={<FilterLine of={of} param={param} {...(count && { count })} />}
      empty={rows?.length === 0 ? empty : `None has “${text}” in its name`}
    />
  )
}
