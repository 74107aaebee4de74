import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@connectrpc/connect'
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node'
import { Destination } from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { Identity } from '#lib/mesh-api/gen/io/linkerd/proxy/identity_pb.ts'
import { InboundServerPolicies } from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { OutboundPolicies } from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import { openDataDirectory } from '#server/data/data-directory.ts'
import type { Platform } from '#server/platform/platform.ts'
import { type Control, type ControlOptions, startControl } from './control.ts'

/** A control plane of a test, and real clients of it. */
export interface TestControl {
  readonly control: Control
  readonly root: string
  readonly identity: Client<typeof Identity>
  readonly destination: Client<typeof Destination>
  readonly inbound: Client<typeof InboundServerPolicies>
  readonly outbound: Client<typeof OutboundPolicies>
  close(): Promise<void>
}

/** Starts the control plane on free ports, in a data directory that is removed on close unless it was given. */
export async function startTestControl(
  platform: Platform,
  options: Partial<ControlOptions> & { root?: string } = {},
): Promise<TestControl> {
  const { root = await mkdtemp(join(tmpdir(), 'meshscope-control-')), ...rest } = options
  const data = await openDataDirectory({ path: root, roles: ['control'] })
  const leave = async () => {
    await data.close()
    if (options.root === undefined) await rm(root, { recursive: true, force: true })
  }
  const control = await startControl({
    platform,
    data,
    host: '127.0.0.1',
    identityPort: 0,
    destinationPort: 0,
    policyPort: 0,
    issuanceLifetimeMs: 24 * 3_600_000,
    clockSkewAllowanceMs: 20_000,
    defaultInboundPolicy: 'all-unauthenticated',
    h2Upgrade: false,
    l5dRequestHeaders: false,
    now: () => Date.now(),
    log: () => {},
    ...rest,
  }).catch(async (error: unknown) => {
    await leave()
    throw error
  })
  const managers: Http2SessionManager[] = []
  const transport = (port: number) => {
    const baseUrl = `http://127.0.0.1:${port}`
    const sessionManager = new Http2SessionManager(baseUrl)
    managers.push(sessionManager)
    return createGrpcTransport({ baseUrl, sessionManager })
  }
  const { ports } = control
  const policy = transport(ports.policy)
  return {
    control,
    root,
    identity: createClient(Identity, transport(ports.identity)),
    destination: createClient(Destination, transport(ports.destination)),
    inbound: createClient(InboundServerPolicies, policy),
    outbound: createClient(OutboundPolicies, policy),
    async close() {
      for (const manager of managers) manager.abort()
      await control.close()
      await leave()
    },
  }
}
