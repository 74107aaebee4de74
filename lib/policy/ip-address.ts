/**
 * An IP address as its bytes, 4 or 16; `null` when the text is none. An IPv4 address written inside an IPv6 one
 * (`::ffff:10.0.0.1`) comes back as IPv4, and a zone (`fe80::1%eth0`) is dropped.
 */
export function parseIp(text: string): Uint8Array | null {
  const zone = text.indexOf('%')
  const address = zone < 0 ? text : text.slice(0, zone)
  if (!address.includes(':')) return parseIpv4(address)
  const bytes = parseIpv6(address)
  return bytes !== null && isMappedIpv4(bytes) ? bytes.slice(12) : bytes
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  const bytes = new Uint8Array(4)
  for (const [index, part] of parts.entries()) {
    // A leading zero is octal to some readers and decimal to others.
    if (!/^(0|[1-9]\d{0,2})$/.test(part)) return null
    const value = Number(part)
    if (value > 255) return null
    bytes[index] = value
  }
  return bytes
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = parseGroups(halves[0] ?? '', { endsInIpv4: halves.length === 1 })
  const tail = parseGroups(halves[1] ?? '', { endsInIpv4: true })
  if (head === null || tail === null) return null
  const missing = 16 - head.length - tail.length
  if (halves.length === 2 ? missing < 2 : missing !== 0) return null
  return Uint8Array.from([...head, ...Array.from({ length: missing }, () => 0), ...tail])
}

function parseGroups(text: string, { endsInIpv4 }: { endsInIpv4: boolean }): number[] | null {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (endsInIpv4 && index === groups.length - 1 && group.includes('.')) {
      const last = parseIpv4(group)
      if (last === null) return null
      bytes.push(...last)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 0xff)
    }
  }
  return bytes
}

function isMappedIpv4(bytes: Uint8Array): boolean {
  return bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every(byte => byte === 0)
}
