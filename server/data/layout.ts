import { join } from 'node:path'

/** Version of what lies in a data directory; a server refuses one that is newer than its own. */
export const dataVersion = 1

/**
 * Where everything lies in the data directory. All of it is for its owner alone (0700); private keys and tokens are
 * 0600 besides.
 *
 * - `version`: the layout's version, a number
 * - `locks/<role>.lock`: who runs that role here
 * - `identity/trust-anchors.pem`: what proxies trust; with `trust-anchor.key`, `issuer.pem`, `issuer.key`, `token.key`
 * - `tokens/<namespace>/<pod>.jwt`: what an instance shows to be certified
 * - `markers.json`: what was told that happened
 * - `history/history.duckdb`: two weeks of what was counted
 */
export const layout = {
  version: (root: string) => join(root, 'version'),
  locks: (root: string) => join(root, 'locks'),
  lock: (root: string, role: string) => join(root, 'locks', `${role}.lock`),
  identity: (root: string) => join(root, 'identity'),
  trustAnchors: (root: string) => join(root, 'identity', 'trust-anchors.pem'),
  trustAnchorKey: (root: string) => join(root, 'identity', 'trust-anchor.key'),
  issuer: (root: string) => join(root, 'identity', 'issuer.pem'),
  issuerKey: (root: string) => join(root, 'identity', 'issuer.key'),
  tokenKey: (root: string) => join(root, 'identity', 'token.key'),
  history: (root: string) => join(root, 'history', 'history.duckdb'),
  markers: (root: string) => join(root, 'markers.json'),
  tokens: (root: string) => join(root, 'tokens'),
  token: (root: string, namespace: string, pod: string) => join(root, 'tokens', namespace, `${pod}.jwt`),
} as const
