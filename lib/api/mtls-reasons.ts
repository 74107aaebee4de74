/** Why something is not secured: a few words for a table, and a sentence that says what it means. */
export interface MtlsReason {
  readonly words: string
  readonly meaning: string
}

const known: Readonly<Record<string, MtlsReason>> = {
  disabled: { words: 'Disabled', meaning: 'The proxy was told to use no TLS' },
  loopback: { words: 'Loopback', meaning: 'It came from the same machine, past the proxies' },
  no_authority_in_http_request: {
    words: 'No Authority In HTTP Request',
    meaning: 'The request named no host, so that no identity could be expected',
  },
  not_http: { words: 'Not HTTP', meaning: 'It was no HTTP, and its destination has no identity of its own' },
  not_provided_by_remote: {
    words: 'Not Provided By Remote',
    meaning: 'The other end has no proxy, or one that offered no TLS',
  },
  not_provided_by_service_discovery: {
    words: 'Not Provided By Service Discovery',
    meaning: 'The destination is not meshed: discovery knows no identity for it',
  },
  no_tls_from_remote: {
    words: 'Not Provided By Remote',
    meaning: 'The caller spoke plain text: it has no proxy, or went past it',
  },
  opaque: {
    words: 'TLS Of The App',
    meaning: 'Encrypted by the apps themselves: the proxy passed it on and proved no identity',
  },
  port_skipped: { words: 'Port Skipped', meaning: 'The port is excluded from the proxy' },
  ingress_without_override: {
    words: 'Ingress Without Override',
    meaning: 'The proxy is in ingress mode and the request named no destination',
  },
  no_client_identity: {
    words: 'No Client Identity',
    meaning: 'Encrypted, but the caller showed no certificate',
  },
  no_server_identity: {
    words: 'No Server Identity',
    meaning: 'Encrypted, but the destination showed no certificate',
  },
  unexpected_identity: {
    words: 'Unexpected Identity',
    meaning: 'Encrypted, but the identity was another than discovery named',
  },
  unknown_peer: {
    words: 'Unknown Peer',
    meaning: 'Encrypted, but nothing says who the other end should be',
  },
}

/** What a reason of an edge means. One that nobody documented is shown as it came; an empty one is `Unknown`. */
export function mtlsReason(reason: string): MtlsReason {
  if (Object.hasOwn(known, reason) && known[reason]) return known[reason]
  const isNamed = reason !== '' && reason !== 'unknown'
  return { words: isNamed ? reason : 'Unknown', meaning: 'The proxies gave no reason' }
}
