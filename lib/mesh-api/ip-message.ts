import { create, type MessageInitShape } from '@bufbuild/protobuf'
import {
  type IPAddress,
  IPAddressSchema,
  type TcpAddress,
  TcpAddressSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/net_pb.ts'
import { parseIp } from '#lib/policy/ip-address.ts'

/** The address as the mesh API holds it: IPv4 as one number, IPv6 as its halves. Throws a `RangeError` for other texts. */
export function ipMessage(ip: string): IPAddress {
  const bytes = parseIp(ip)
  if (bytes === null) throw new RangeError(`Cannot send address: expected an IP address, found ${ip}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const address: MessageInitShape<typeof IPAddressSchema>['ip'] =
    bytes.length === 4
      ? { case: 'ipv4', value: view.getUint32(0) }
      : { case: 'ipv6', value: { first: view.getBigUint64(0), last: view.getBigUint64(8) } }
  return create(IPAddressSchema, { ip: address })
}

export function tcpAddressMessage(ip: string, port: number): TcpAddress {
  return create(TcpAddressSchema, { ip: ipMessage(ip), port })
}

/** The address's bytes, 4 or 16; `null` when the message holds none. */
export function ipBytes({ ip }: IPAddress): Uint8Array | null {
  const view = new DataView(new ArrayBuffer(ip.case === 'ipv6' ? 16 : 4))
  switch (ip.case) {
    case 'ipv4':
      view.setUint32(0, ip.value)
      break
    case 'ipv6':
      view.setBigUint64(0, ip.value.first)
      view.setBigUint64(8, ip.value.last)
      break
    case undefined:
      return null
  }
  return new Uint8Array(view.buffer)
}
