import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Span } from '#lib/api/common.ts'
import type { SubscribeReply } from '#lib/api/live.ts'
import { QuestionError } from '#server/golden/question-error.ts'
import { listen, subscribe, TestLive, until } from './test-live.ts'

const dayEnding = (span: Span): Span => ({
  ...span,
  start: new Date(Date.parse(span.end) - 86_400_000).toISOString(),
})

let live: TestLive
beforeEach(async () => {
  live = await TestLive.start()
})
afterEach(() => live.close())

describe('startLive()', () => {
  test.each(['websocket', 'polling'])(
    'answers at once and keeps the answer fresh, over %s',
    async transport => {
      const client = live.connect({}, [transport])
      const heard = listen(client)
      const reply = await subscribe(client, 'golden', { resource: 'workload' })
      await until(() => expect(heard.snapshots).toHaveLength(1))
      const [first] = heard.snapshots
      expect(reply).toEqual({ subscription: first?.subscription })
      expect(first?.data).toEqual(await live.golden.ask('golden', { resource: 'workload' }))

      live.nextRound(5)
      await until(() => expect(heard.updates).toHaveLength(1))
      const [update] = heard.updates
      expect(update).toMatchObject({
        base: first?.revision,
        revision: (first?.revision ?? 0) + 1,
        removes: [],
      })
      expect(update?.upserts.map(({ in: list, row }) => [list, row.id])).toContainEqual([
        'rows',
        'shop/deployment/users',
      ])
      expect(update?.upserts.map(({ row }) => row.id)).not.toContain('batch/cronjob/legacy-batch')

      client.emit('resync', { subscription: first?.subscription ?? '' })
      await until(() => expect(heard.snapshots).toHaveLength(2))
      expect(heard.snapshots[1]).toMatchObject({ revision: update?.revision })

      client.emit('unsubscribe', { subscription: first?.subscription ?? '' })
      const again = await subscribe(client, 'workloads', {})
      await until(() => expect(heard.snapshots).toHaveLength(3))
      live.nextRound(1)
      await until(() =>
        expect(heard.updates.at(-1)?.subscription).toBe('subscription' in again && again.subscription),
      )
      expect(heard.updates.filter(({ subscription }) => subscription === first?.subscription)).toHaveLength(1)
    },
  )

  test('asks a question over a long time once in several rounds, and others with each', async () => {
    const client = live.connect()
    const heard = listen(client)
    // The test's store keeps an hour: that the span is longer is told for it.
    const { golden } = live
    live.golden = {
      async ask(topic, params) {
        const answer = await golden.ask(topic, params)
        return params.window === '1h' ? { ...answer, span: dayEnding(answer.span) } : answer
      },
    }
    await subscribe(client, 'golden', { resource: 'deploy', window: '1h' })
    await subscribe(client, 'golden', { resource: 'deploy', window: '5m' })
    await until(() => expect(heard.snapshots).toHaveLength(2))
    const [long, short] = heard.snapshots.map(({ subscription }) => subscription)
    const updates = (of: string | undefined) =>
      heard.updates.filter(({ subscription }) => subscription === of)
    for (let round = 1; round <= 12; round++) {
      live.nextRound(5)
      await until(() => expect(updates(short)).toHaveLength(round))
      expect(updates(long)).toHaveLength(round < 6 ? 0 : round < 12 ? 1 : 2)
    }
  })

  test('asks equal questions once a round, whoever follows them', async () => {
    const [a, b] = [live.connect(), live.connect()]
    const heard = [listen(a), listen(b)]
    await Promise.all([
      subscribe(a, 'golden', { resource: 'deploy', namespace: 'shop' }),
      subscribe(a, 'golden', { namespace: 'shop', resource: 'deploy', window: '' }),
      subscribe(b, 'golden', { namespace: 'shop', resource: 'deploy' }),
    ])
    expect(live.asked).toHaveLength(1)
    live.nextRound(3)
    await until(() => expect(heard.map(({ updates }) => updates.length)).toEqual([2, 1]))
    expect(live.asked).toHaveLength(2)
    a.disconnect()
    b.disconnect()
    await expect
      .poll(
        async () =>
          (await live.registry.getSingleMetric('meshscope_live_questions')?.get())?.values[0]?.value,
      )
      .toBe(0)
    live.nextRound(3)
    expect(live.asked).toHaveLength(2)
  })

  test('answers a bad question in its acknowledgement', async () => {
    const client = live.connect()
    const refused = async (topic: string, params: unknown) =>
      (await client.timeout(5_000).emitWithAck('subscribe', { topic, params } as never)) as SubscribeReply
    expect(await refused('golden', { resource: 'deploy', window: 'banana' })).toMatchObject({
      error: { code: 'WINDOW_INVALID' },
    })
    expect(await refused('golden', { resource: 'deploy', namespace: 'no' })).toMatchObject({
      error: { code: 'UNKNOWN_NAMESPACE' },
    })
    expect(await refused('weather', {})).toMatchObject({ error: { code: 'BAD_PARAMETER' } })
    expect(await refused('golden', { resource: 7 })).toMatchObject({ error: { code: 'BAD_PARAMETER' } })
  })

  test('passes over messages that name no subscription, whatever they hold', async () => {
    const client = live.connect()
    const heard = listen(client)
    const reply = await subscribe(client, 'workloads', {})
    const junk = [undefined, null, 7, 'x', [], {}, { subscription: 1 }, { subscription: { toString: 1 } }]
    for (const event of ['unsubscribe', 'resync', 'subscribe', 'error', 'nonsense']) {
      for (const message of junk) client.emit(event as 'resync', message as never)
    }
    await until(() => expect(heard.snapshots).toHaveLength(1))
    client.emit('resync', reply as { subscription: string })
    await until(() => expect(heard.snapshots).toHaveLength(2))
  })

  test('says once that a question failed, and sends the whole answer when it recovers', async () => {
    const working = live.golden
    const client = live.connect()
    const heard = listen(client)
    await subscribe(client, 'workloads', {})
    live.golden = {
      ask: () =>
        Promise.reject(new QuestionError('UNKNOWN_NAMESPACE', 'Unknown namespace "shop"', 'It left')),
    }
    live.mesh.endRound()
    await until(() => expect(heard.failed).toHaveLength(1))
    expect(heard.failed[0]?.error.code).toBe('UNKNOWN_NAMESPACE')
    live.mesh.endRound()
    live.golden = working
    live.mesh.endRound()
    await until(() => expect(heard.snapshots).toHaveLength(2))
    expect(heard.failed).toHaveLength(1)
  })

  test('bounds the subscriptions of a client', async () => {
    const client = live.connect()
    const replies = await Promise.all(Array.from({ length: 65 }, () => subscribe(client, 'workloads', {})))
    expect(replies.filter(reply => 'error' in reply)).toMatchObject([
      { error: { code: 'TOO_MANY_SUBSCRIPTIONS' } },
    ])
  })
})
