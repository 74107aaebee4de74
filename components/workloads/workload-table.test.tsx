// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { openTestPage } from '#components/ui/test-page.tsx'
import type { GoldenRow } from '#lib/api/golden.ts'
import { WorkloadTable } from './workload-table.tsx'

const none = { requests: null, rps: null, successRate: null, latencyMs: { p50: null, p95: null, p99: null } }
const noTcp = { open: null, readBytesPerSecond: null, writeBytesPerSecond: null }

function row(kind: string, name: string, change: Partial<GoldenRow>): GoldenRow {
  return {
    id: `shop/${kind}/${name}`,
    resource: { namespace: 'shop', kind, name },
    meshed: { running: 1, total: 1 },
    golden: none,
    tcp: noTcp,
    mtlsRate: null,
    denied: 0,
    ...change,
  }
}

const busy = row('deployment', 'web', {
  golden: { requests: 600, rps: 10, successRate: 0.9312, latencyMs: { p50: 3, p95: 40, p99: 60_000 } },
  denied: 7,
})
const idle = row('deployment', 'traffic', { golden: { ...none, requests: 0, rps: 0 } })
const silent = row('deployment', 'catalog', {})
const unmeshed = row('cronjob', 'legacy-batch', { meshed: { running: 0, total: 1 } })

function show(rows: readonly GoldenRow[]) {
  const page = openTestPage()
  page.show(<WorkloadTable rows={rows} series={[]} trendNote="trends of 5 min" windowFlag=" -t 5m" />)
  const text = (id: string) => page.element.querySelector(`[data-row="${id}"]`)?.textContent ?? ''
  return { page, text }
}

test('WorkloadTable() tells busy, idle, silent and unmeshed workloads apart', () => {
  const { text } = show([busy, idle, silent, unmeshed])
  expect(text(busy.id)).toContain('7 denied')
  expect(text(busy.id)).toContain('▲93.12%below 95 %')
  expect(text(busy.id)).toContain('> 50')
  expect(text(idle.id)).toContain('idle')
  expect(text(idle.id)).toContain('0.0rps')
  expect(text(silent.id)).toContain('no answer')
  expect(text(unmeshed.id)).toContain('not meshed')
})

test('WorkloadTable() shows the command that prints the same', () => {
  expect(show([busy]).page.text()).toContain('meshscope stat deploy -A -t 5m --unmeshed')
  expect(show([busy, unmeshed]).page.text()).toContain('meshscope stat workload -A -t 5m --unmeshed')
})

test('WorkloadTable() says why a number is missing', () => {
  const { page } = show([unmeshed])
  expect(page.element.querySelector('td [aria-description^="Not meshed"]')?.textContent).toContain('–')
})
