/** An address or a name as URLs have it: `127.0.0.9`, `[::1]`. */
export function urlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

/** Where a browser on this machine finds what listens at this address: `localhost` for the usual one and for all. */
export function openHost(address: string): string {
  const { hostname } = new URL(`http://${urlHost(address)}`)
  return ['127.0.0.1', '0.0.0.0', '[::]'].includes(hostname) ? 'localhost' : hostname
}
