import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchesLabels, parseLabelSelector } from './label-selector.ts'

function matches(selector: string, labels: Record<string, string>): boolean {
  const parsed = parseLabelSelector(selector)
  if (!parsed.ok) throw new Error(parsed.problem)
  return matchesLabels(parsed.value, labels)
}

describe('parseLabelSelector()', () => {
  const labels = { app: 'web', tier: 'front', 'linkerd.io/proxy-deployment': 'web' }

  test.each([
    ['', true],
    ['app=web', true],
    ['app==web,tier=front', true],
    ['app=api', false],
    ['app!=web', false],
    ['zone!=a', true],
    ['app in (api, web)', true],
    ['app notin (api,web)', false],
    ['zone notin (a)', true],
    ['app', true],
    ['zone', false],
    ['!zone', true],
    ['! app', false],
    ['linkerd.io/proxy-deployment = web', true],
    ['app=', false],
    ['toString', false],
  ])('%j gives %s', (selector, expected) => {
    expect(matches(selector, labels)).toBe(expected)
  })

  test.each(['a=b=c', 'a in b', 'a in (b', 'a,,b', '=x', 'a in (b c)', 'a b', '!'])(
    'refuses %j',
    selector => {
      expect(parseLabelSelector(selector)).toMatchObject({ ok: false })
    },
  )

  test('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        parseLabelSelector(text)
      }),
    )
  })
})
