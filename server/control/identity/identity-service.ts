import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect'
import type { PublicKey } from '@peculiar/x509'
import type { CertifyRequest, Identity } from '#lib/mesh-api/gen/io/linkerd/proxy/identity_pb.ts'
import type { Platform } from '#server/platform/platform.ts'
import type { Authority } from './authority.ts'
import { checkCertificateRequest } from './certificate-request.ts'
import type { Tokens } from './tokens.ts'

const maxTokenBytes = 16 * 1024

interface IdentityServiceOptions {
  readonly platform: Platform
  readonly tokens: Tokens
  readonly authority: Authority
  /** Told of each certificate and of each refusal. */
  readonly log: (level: 'info' | 'warn', message: string) => void
}

/**
 * Certifies proxies (io.linkerd.proxy.identity): who shows a good token of an instance gets a certificate of that
 * instance's identity. Refuses with Linkerd's codes: InvalidArgument for what cannot be read, FailedPrecondition for
 * what must not be granted, Unavailable when signing fails.
 */
export function identityService(options: IdentityServiceOptions): ServiceImpl<typeof Identity> {
  const { authority, log } = options
  return {
    async certify(request) {
      const { identity } = request
      try {
        const issued = await authority.issue(identity, await checkedKey(request, options))
        log('info', `Certified ${identity} until ${new Date(issued.validUntilMs).toISOString()}`)
        return {
          leafCertificate: issued.leafDer,
          intermediateCertificates: [...issued.intermediatesDer],
          validUntil: timestampFromMs(issued.validUntilMs),
        }
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        if (error instanceof ConnectError) {
          log('warn', error.rawMessage)
          throw error
        }
        log('warn', `Cannot certify ${identity}: ${why}`)
        throw new ConnectError(`Cannot certify ${identity}: signing failed`, Code.Unavailable)
      }
    },
  }
}

/** The key to certify. Throws the refusal when anything speaks against it. */
async function checkedKey(
  { identity, token, certificateSigningRequest }: CertifyRequest,
  { platform, tokens }: IdentityServiceOptions,
): Promise<PublicKey> {
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
    throw refuse(Code.FailedPrecondition, identity, `expected its token, found that of ${caller.identity}`)
  }
  if (!platform.current().instances.some(instance => instance.identity === identity)) {
    throw refuse(Code.FailedPrecondition, identity, 'expected an instance of this identity, found none')
  }
  return request.publicKey
}

function isIdentity(text: string): boolean {
  return (
    text.length <= 253 &&
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+$/.test(text)
  )
}

function refuse(code: Code, identity: string, why: string): ConnectError {
  return new ConnectError(`Cannot certify ${JSON.stringify(identity.slice(0, 300))}: ${why}`, code)
}
