import { parseIp } from '#lib/policy/ip-address.ts'
import { parseCidr } from '#lib/policy/network.ts'
import { found, type Shape } from './shape.ts'

/** An IP address without a zone. */
export const ipAddress: Shape<string> = (value, path, report) => {
  if (typeof value === 'string' && !value.includes('%') && parseIp(value) !== null) return value
  return report(path, `expected an IP address, found ${found(value)}`)
}

/** An address block: `10.0.0.0/8`; a single address stands for itself. */
export const cidr: Shape<string> = (value, path, report) => {
  try {
    if (typeof value === 'string') {
      parseCidr(value)
      return value
    }
  } catch {
    // Reported below, with the field.
  }
  return report(path, `expected an address block such as 10.0.0.0/8, found ${found(value)}`)
}
