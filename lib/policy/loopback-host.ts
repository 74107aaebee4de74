import { parseIp } from './ip-address.ts'

/** Whether what is sent to this host never leaves the machine: an address of loopback, or `localhost` (with or without a dot). */
export function isLoopbackHost(host: string): boolean {
  const bytes = parseIp(host)
  if (bytes === null) return host === 'localhost' || host === 'localhost.'
  return bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, index) => byte === (index === 15 ? 1 : 0))
}
