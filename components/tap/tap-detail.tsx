import { Fragment, type ReactNode } from 'react'
import { ResourceLink } from '#components/golden/resource-link.tsx'
import { mtlsReason } from '#lib/api/mtls-reasons.ts'
import type { TapEvent, TapPeer } from '#lib/api/tap.ts'
import { amount, latency, quantityText } from '#lib/metrics/format.ts'
import styles from './tap-detail.module.css'

const told = {
  inbound: 'by the callee’s proxy',
  outbound: 'by the caller’s proxy',
  both: 'by both proxies, joined by request id',
} as const

/** All that is known of one request. */
export function TapDetail({ event }: { readonly event: TapEvent }) {
  const { requestHeaders, responseHeaders } = event
  return (
    <div className={styles.detail}>
      <dl className={styles.facts}>
        <Fact name="Request">
          <code>
            {event.method} {event.scheme}://{event.authority}
            {event.path}
          </code>
        </Fact>
        <Fact name="From">
          <Peer of={event.source} />
        </Fact>
        <Fact name="To">
          <Peer of={event.destination} />
        </Fact>
        <Fact name="mTLS">{event.tls === 'true' ? 'yes' : mtlsReason(event.tls).words}</Fact>
        {event.clientId !== '' && <Fact name="Client identity">{event.clientId}</Fact>}
        {event.serverId !== '' && <Fact name="Server identity">{event.serverId}</Fact>}
        {event.route !== '' && <Fact name="Route">{event.route}</Fact>}
        {event.policy !== undefined && <Fact name="Policy">{event.policy}</Fact>}
        {event.grpcStatus !== undefined && <Fact name="gRPC status">{event.grpcStatus}</Fact>}
        <Fact name="Response head after">{quantityText(latency(event.latencyMs ?? null))}</Fact>
        <Fact name="Ended after">
          {event.end === 'pending' ? 'it has not yet' : quantityText(latency(event.durationMs ?? null))}
        </Fact>
        <Fact name="Response body">{quantityText(amount(event.bytes ?? null, 'B'))}</Fact>
        {event.attempt !== undefined && <Fact name="Attempt">{event.attempt}</Fact>}
        {event.requestId !== undefined && (
          <Fact name="Request id">
            <code>{event.requestId}</code>
          </Fact>
        )}
        <Fact name="Told">{told[event.direction]}</Fact>
      </dl>
      {requestHeaders !== undefined && <Headers title="Request headers" of={requestHeaders} />}
      {responseHeaders !== undefined && <Headers title="Response headers" of={responseHeaders} />}
      {requestHeaders === undefined && responseHeaders === undefined && (
        <p className={styles.quiet}>Headers are shown when the tap was started with “Headers”.</p>
      )}
    </div>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function Peer({ of: { workload, pod, ip, port } }: { readonly of: TapPeer }) {
  return (
    <span className={styles.peer}>
      {workload !== null && <ResourceLink resource={workload} />}
      <span className={styles.quiet}>
        {pod !== null && `${pod} · `}
        {ip}:{port}
      </span>
    </span>
  )
}

interface HeadersProps {
  readonly title: string
  readonly of: NonNullable<TapEvent['requestHeaders']>
}

function Headers({ title, of }: HeadersProps) {
  return (
    <section className={styles.headers} aria-label={title}>
      <h3 className={styles.title}>{title}</h3>
      {of.length === 0 ? (
        <p className={styles.quiet}>none</p>
      ) : (
        <dl className={styles.facts}>
          {of.map(({ name, value }, index) => (
            <Fragment key={index}>
              <Fact name={name}>
                <code>{value}</code>
              </Fact>
            </Fragment>
          ))}
        </dl>
      )}
    </section>
  )
}
