import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect'
import type { Identity } from '#lib/mesh-api/gen/io/linkerd/proxy/identity_pb.ts'
import type { Platform } from '#server/platform/platform.ts'
import type { Authority } from './authority.ts'
import { checkCertificateRequest } from './certificate-request.ts'
import type { Tokens } from './tokens.ts'

const maxTokenBytes = 16 * 1024

/**
 * Certifies proxies (io.linkerd.proxy.identity): who shows a good token of an instance gets a certificate of that
 * instance's identity. Refuses with Linkerd's codes: InvalidArgument for what cannot be read, FailedPrecondition for
 * what must not be granted, Unavailable when signing fails.
 */
export function identityService(
  platform: Platform,
  tokens: Tokens,
  authority: Authority,
): ServiceImpl<typeof Identity> {
  return {
    async certify({ identity, token, certificateSigningRequest }) {
      if (!isIdentity(identity)) throw refuse(Code.InvalidArgument, identity, 'expected a DNS name')
      if (token.length === 0 || token.length > maxTokenBytes) {
        throw refuse(Code.InvalidArgument, identity, `expected a token, found ${token.length} bytes`)
      }
      if (certificateSigningRequest.length === 0) {
        throw refuse(Code.InvalidArgument, identity, 'expected a certificate request, found nothing')
      }
      const request = await checkCertificateRequest(certificateSigningRequest, identity)
      if ('refused' in request) {
        const code = request.refused === 'malformed' ? Code.InvalidArgument : Code.FailedPrecondition
        throw refuse(code, identity, `certificate request: ${request.why}`)
      }
      const caller = await tokens.verify(Buffer.from(token).toString('utf8').trim())
      if ('refused' in caller) {
        const code = caller.refused === 'malformed' ? Code.InvalidArgument : Code.FailedPrecondition
        throw refuse(code, identity, `token: ${caller.why}`)
      }
      if (caller.identity !== identity) {
        throw refuse(
          Code.FailedPrecondition,
          identity,
          `expected its token, found that of ${caller.identity}`,
        )
      }
      if (!platform.current().instances.some(instance => instance.identity === identity)) {
        throw refuse(Code.FailedPrecondition, identity, 'expected an instance of this identity, found none')
      }
      try {
        const issued = await authority.issue(identity, request.publicKey)
        return {
          leafCertificate: issued.leafDer,
          intermediateCertificates: [...issued.intermediatesDer],
          validUntil: timestampFromMs(issued.validUntilMs),
        }
      } catch (error) {
        throw new ConnectError(
          `Cannot certify ${identity}: signing failed`,
          Code.Unavailable,
          undefined,
          undefined,
          error,
        )
      }
    },
  }
}

function isIdentity(text: string): boolean {
  return (
    text.length <= 253 &&
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$/.test(text)
  )
}

function refuse(code: Code, identity: string, why: string): ConnectError {
  return new ConnectError(`Cannot certify ${JSON.stringify(identity)}: ${why}`, code)
}
