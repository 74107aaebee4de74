import { equals } from '@bufbuild/protobuf'
import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect'
import {
  type Destination,
  type DestinationProfile,
  DestinationProfileSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { states } from '#server/control/states.ts'
import type { Platform } from '#server/platform/platform.ts'
import { parseTarget } from './authority-name.ts'
import { parseClientContext } from './client-context.ts'
import { EndpointUpdates, serviceEndpoints } from './endpoint-updates.ts'
import { profileMessage } from './profile-message.ts'

/**
 * Tells proxies where services are and how to use them (io.linkerd.proxy.destination). Streams stay open and carry
 * each change of the mesh that concerns them. `Get` refuses an address or a name outside the cluster
 * (InvalidArgument) and a service that is not there (NotFound); one that goes later becomes `no_endpoints`.
 */
export function destinationService(platform: Platform, h2Upgrade: boolean): ServiceImpl<typeof Destination> {
  return {
    async *get({ path, contextToken }, { signal }) {
      const target = parseTarget(path, platform.current().clusterDomain)
      if (target.kind !== 'service') {
        const why = target.kind === 'other' ? target.why : `expected a name, found address ${target.ip}`
        throw new ConnectError(`Cannot resolve: ${why}`, Code.InvalidArgument)
      }
      const client = parseClientContext(contextToken)
      if (serviceEndpoints(platform.current(), target, client, h2Upgrade) === null) {
        const name = `${target.namespace}/${target.service}`
        throw new ConnectError(`Cannot resolve ${path}: no service ${name}`, Code.NotFound)
      }
      const updates = new EndpointUpdates(target)
      for await (const state of states(platform, signal)) {
        yield* updates.next(serviceEndpoints(state, target, client, h2Upgrade))
      }
    },

    async *getProfile({ path, contextToken }, { signal }) {
      const target = parseTarget(path, platform.current().clusterDomain)
      if (target.kind === 'other') {
        throw new ConnectError(`Cannot tell the profile: ${target.why}`, Code.InvalidArgument)
      }
      const client = parseClientContext(contextToken)
      let sent: DestinationProfile | undefined
      for await (const state of states(platform, signal)) {
        const profile = profileMessage(state, target, client, h2Upgrade)
        if (sent && equals(DestinationProfileSchema, sent, profile)) continue
        sent = profile
        yield profile
      }
    },
  }
}
