import type { Buffer } from 'node:buffer'
import { Known, matchesIgnoreCase } from '#proxy/http/header-block.ts'

/** Which of the headers the proxy acts on is named by the bytes from `start` to `end`. */
export function knownHeader(bytes: Buffer, start: number, end: number): number {
  const first = (bytes[start] as number) | 0x20
  switch (end - start) {
    case 2:
      return first === 0x74 && matchesIgnoreCase(bytes, start, 'te') ? Known.te : Known.other
    case 4:
      if (first === 0x68 && matchesIgnoreCase(bytes, start, 'host')) return Known.host
      break
    case 6:
      if (first === 0x65 && matchesIgnoreCase(bytes, start, 'expect')) return Known.expect
      break
    case 7:
      if (first === 0x75 && matchesIgnoreCase(bytes, start, 'upgrade')) return Known.upgrade
      break
    case 10:
      if (first === 0x63 && matchesIgnoreCase(bytes, start, 'connection')) return Known.connection
      if (first === 0x6b && matchesIgnoreCase(bytes, start, 'keep-alive')) return Known.keepAlive
      break
    case 11:
      if (first === 0x67 && matchesIgnoreCase(bytes, start, 'grpc-status')) return Known.grpcStatus
      break
    case 12:
      if (first === 0x63 && matchesIgnoreCase(bytes, start, 'content-type')) return Known.contentType
      if (first === 0x78 && matchesIgnoreCase(bytes, start, 'x-request-id')) return Known.requestId
      break
    case 14:
      if (first === 0x63 && matchesIgnoreCase(bytes, start, 'content-length')) return Known.contentLength
      break
    case 16:
      if (first === 0x70 && matchesIgnoreCase(bytes, start, 'proxy-connection')) return Known.proxyConnection
      break
    case 17:
      if (first === 0x74 && matchesIgnoreCase(bytes, start, 'transfer-encoding'))
        return Known.transferEncoding
      break
  }
  // Gateway interfaces (CGI, WSGI) read underscores as dashes, so `l5d_client_id` is as good a lie as `l5d-client-id`.
  const isL5d =
    first === 0x6c &&
    end - start > 4 &&
    (matchesIgnoreCase(bytes, start, 'l5d-') || matchesIgnoreCase(bytes, start, 'l5d_'))
  return isL5d ? Known.l5d : Known.other
}
