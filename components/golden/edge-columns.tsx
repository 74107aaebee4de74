import { Badge } from '#components/ui/badge.tsx'
import type { Column } from '#components/ui/data-table.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import { toldGolden } from '#lib/api/edge-filter.ts'
import type { Edge } from '#lib/api/edges.ts'
import { amount, byteRate, percent, quantityText, requestRate } from '#lib/metrics/format.ts'
import styles from './edge-columns.module.css'
import { MtlsMark, mtlsWords } from './mtls-mark.tsx'
import { quantileColumns } from './quantile-columns.tsx'
import { ResourceLink } from './resource-link.tsx'
import { SuccessRate } from './success-rate.tsx'

const noRequest = 'No request in this time'

function endName({ namespace, name }: Edge['source']): string {
  return `${namespace}/${name}`
}

export const sourceColumn: Column<Edge> = {
  id: 'source',
  heading: 'From',
  meaning: 'Who called',
  width: 'name',
  cell: edge => (
    <>
      <End of={edge.source} />
      {/* Where there is no room for columns of their own. */}
      <span className={styles.below}>
        <span aria-hidden="true">→</span> <End of={edge.destination} />
      </span>
      {edge.denied > 0 && (
        <span className={styles.below}>
          <Denied count={edge.denied} />
        </span>
      )}
    </>
  ),
  sortBy: edge => `${endName(edge.source)} ${endName(edge.destination)}`,
}

export const destinationColumn: Column<Edge> = {
  id: 'destination',
  heading: 'To',
  meaning: 'Who was called',
  width: 'name',
  leaves: 'middling',
  cell: edge => <End of={edge.destination} />,
  sortBy: edge => `${endName(edge.destination)} ${endName(edge.source)}`,
}

/** How it is secured. */
export const edgeMtlsColumn: Column<Edge> = {
  id: 'mtls',
  heading: 'mTLS',
  meaning: 'Whether all of it is encrypted and both ends are who they should be',
  width: 'mark',
  cell: edge => <MtlsMark of={edge} />,
  sortBy: edge => mtlsWords(edge),
}

/** `account.namespace` at either end. */
export const identitiesColumn: Column<Edge> = {
  id: 'identities',
  heading: 'Identities',
  meaning: 'Client and server as their certificates name them',
  width: 'words',
  leaves: 'minor',
  cell: ({ clientId, serverId }) =>
    clientId === '' && serverId === '' ? (
      <Hint words="Neither end showed a certificate, or they were several">–</Hint>
    ) : (
      <Hint
        className={styles.identities}
        words={`client ${clientId || 'none'}\nserver ${serverId || 'none'}`}
      >
        {shortId(clientId)} → {shortId(serverId)}
      </Hint>
    ),
  sortBy: ({ clientId, serverId }) => (clientId === '' && serverId === '' ? null : `${clientId} ${serverId}`),
}

/** What policy refused. */
export const deniedColumn: Column<Edge> = {
  id: 'denied',
  heading: 'Denied',
  meaning: 'Requests and connections that policy refused',
  width: 'short',
  leaves: 'middling',
  cell: ({ denied }) => (denied === 0 ? <span>0</span> : <Denied count={denied} />),
  sortBy: edge => edge.denied,
}

/** Requests per second, success rate and latencies of an edge's attempts. */
export const edgeGoldenColumns: readonly Column<Edge>[] = [
  {
    id: 'rps',
    heading: 'RPS',
    meaning: 'Requests per second, every attempt',
    width: 'narrow',
    cell: ({ golden, disagreement }) => (
      <>
        {disagreement !== undefined && (
          <Hint
            words={`The two ends differ by over 5 %: ${disagreement.outbound} counted by the caller, ${disagreement.inbound} by the callee`}
          >
            ≠{' '}
          </Hint>
        )}
        <QuantityText
          of={requestRate(golden.rps)}
          align={{ decimals: 1, unit: 'rate' }}
          {...(golden.rps === null ? { reason: noRequest } : {})}
        />
      </>
    ),
    sortBy: edge => edge.golden.rps,
  },
  {
    id: 'success',
    heading: 'Success',
    meaning: 'Successful attempts, of all that policy let in; ↻ when retries made up for others',
    width: 'number',
    cell: edge => (
      <>
        {edge.effective !== undefined && (edge.retries ?? 0) > 0 && (
          <Hint words={`Callers saw ${seenWords(edge.effective, edge.retries ?? 0)}`}>↻ </Hint>
        )}
        <SuccessRate
          ratio={toldGolden(edge).successRate}
          aligned
          reason={edge.denied > 0 ? 'All of it was refused by policy' : noRequest}
        />
      </>
    ),
    sortBy: edge => toldGolden(edge).successRate,
  },
  ...quantileColumns<Edge>({
    latencyIn: ({ golden }) => golden.latencyMs,
    reasonOf: () => noRequest,
    p95Stays: false,
  }),
]

/** Bytes both ways, per second. */
export const edgeBytesColumn: Column<Edge> = {
  id: 'bytes',
  heading: 'Bytes',
  meaning: 'Bytes per second, both ways',
  width: 'narrow',
  leaves: 'minor',
  cell: ({ tcp }) => (
    <QuantityText
      of={byteRate(bothWays(tcp))}
      align={{ decimals: 1, unit: 'bytes' }}
      {...(bothWays(tcp) === null ? { reason: 'No proxy counted bytes' } : {})}
    />
  ),
  sortBy: edge => bothWays(edge.tcp),
}

const usualKinds: ReadonlySet<string> = new Set(['deployment', 'pod', 'namespace', 'service'])

function seenWords({ successRate }: Edge['golden'], retries: number): string {
  const times = `${quantityText(amount(retries, ''))} ${retries === 1 ? 'retry' : 'retries'}`
  return `${quantityText(percent(successRate))} successful after ${times}`
}

function Denied({ count }: { readonly count: number }) {
  return (
    <Badge tone="bad" reason="Requests and connections that policy refused in this time">
      ⊘ {quantityText(amount(count, ''))}
    </Badge>
  )
}

function End({ of }: { readonly of: Edge['source'] }) {
  return <ResourceLink resource={of} bare={usualKinds.has(of.kind)} />
}

function bothWays({ readBytesPerSecond, writeBytesPerSecond }: Edge['tcp']): number | null {
  if (readBytesPerSecond === null || writeBytesPerSecond === null) return null
  return readBytesPerSecond + writeBytesPerSecond
}

function shortId(id: string): string {
  return id === '' ? 'none' : id.split('.').slice(0, 2).join('.')
}
