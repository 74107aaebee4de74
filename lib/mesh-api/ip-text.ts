import type { IPAddress } from '#lib/mesh-api/gen/io/linkerd/proxy/net_pb.ts'

/** The address as text, IPv6 in its shortest form; `null` when the message holds none. */
export function ipText({ ip }: IPAddress): string | null {
  switch (ip.case) {
    case 'ipv4':
      return [24, 16, 8, 0].map(shift => (ip.value >>> shift) & 0xff).join('.')
    case 'ipv6':
      return shortIpv6([...groups(ip.value.first), ...groups(ip.value.last)])
    case undefined:
      return null
  }
}

function groups(half: bigint): string[] {
  return [48n, 32n, 16n, 0n].map(shift => ((half >> shift) & 0xffffn).toString(16))
}

/** RFC 5952: the first longest run of two zero groups or more is left out. */
function shortIpv6(parts: readonly string[]): string {
  let [from, length] = [0, 1]
  for (let start = 0; start < parts.length; start++) {
    let end = start
    while (parts[end] === '0') end++
    if (end - start > length) [from, length] = [start, end - start]
  }
  if (length < 2) return parts.join(':')
  return `${parts.slice(0, from).join(':')}::${parts.slice(from + length).join(':')}`
}
