import { create } from '@bufbuild/protobuf'
import { describe, expect, test } from 'vitest'
import { type TapEvent, TapEventSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import type { TapResult } from '#proxy/telemetry/telemetry.ts'
import { OpenTap } from './open-tap.ts'

const facts = {
  source: { ip: '127.0.0.1', port: 1 },
  destination: null,
  destinationLabels: {},
  routeLabels: {},
  method: 'GET',
  scheme: 'http',
  authority: 'catalog',
  path: '/',
}

/** The begin of a request whose one header is this long. */
function begin(headerBytes: number): TapEvent {
  const headers = { headers: [{ name: 'cookie', value: Buffer.alloc(headerBytes) }] }
  return create(TapEventSchema, {
    event: { case: 'http', value: { event: { case: 'requestInit', value: { headers } } } },
  })
}

function open(limit: number): { tap: OpenTap; counts: Record<TapResult, number> } {
  const counts = { sent: 0, limit: 0, buffer: 0, closed: 0 }
  const tap = new OpenTap({
    base: 0,
    limit,
    matches: () => true,
    wantsHeaders: true,
    count: result => counts[result]++,
  })
  return { tap, counts }
}

describe('OpenTap.accept()', () => {
  test('begins no request while 4 MiB of headers wait, and goes on when they were read', async () => {
    const { tap, counts } = open(1_000)
    const events = tap.events()
    for (let number = 0; number < 8; number++) {
      expect(tap.accept(facts)).toBe(number)
      tap.push(begin(512 * 1024))
    }
    expect(tap.accept(facts)).toBeNull()
    expect(counts).toEqual({ sent: 0, limit: 0, buffer: 1, closed: 0 })
    await events.next()
    expect(tap.accept(facts)).toBe(9)
    tap.close()
    expect(counts).toEqual({ sent: 1, limit: 0, buffer: 1, closed: 7 })
  })

  test('begins no request whose three events would have no room, and counts what is beyond the limit apart', () => {
    const { tap, counts } = open(250)
    // 600 events wait at most, and each of these owes three.
    const numbers = Array.from({ length: 201 }, () => tap.accept(facts))
    expect(numbers.filter(number => number !== null)).toHaveLength(200)
    expect(counts).toMatchObject({ buffer: 1, limit: 0 })
    for (let i = 0; i < 60; i++) tap.accept(facts)
    expect(counts).toMatchObject({ buffer: 50, limit: 11 })
  })
})
