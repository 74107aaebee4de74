import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { Known } from '#proxy/http/header-block.ts'
import { knownHeader } from './known-header.ts'

test.each(['l5d-client-id', 'L5D-Client-Id', 'l5d_client_id', 'L5D_CLIENT-ID', 'l5d-x'])(
  "knownHeader() takes %s for one of the proxy's own, as gateway interfaces do",
  name => {
    const bytes = Buffer.from(`x: y\r\n${name}: admin`)
    expect(knownHeader(bytes, 6, 6 + name.length)).toBe(Known.l5d)
  },
)
