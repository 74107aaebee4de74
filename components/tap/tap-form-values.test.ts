import { expect, test } from 'vitest'
import { readTapForm, tapCommand, tapFilter, tapSearch } from './tap-form-values.ts'

function form(given: Readonly<Record<string, string>>) {
  return readTapForm(name => given[name] ?? null)
}

test('tapFilter() asks for what the form holds and leaves out the rest', () => {
  expect(tapFilter(form({ resource: 'deploy/web', namespace: 'shop' }))).toEqual({
    resource: 'deploy/web',
    namespace: 'shop',
  })
  expect(
    tapFilter(
      form({ resource: 'ns/shop', to: 'svc/users', toNamespace: 'shop', maxRps: '20', headers: '1' }),
    ),
  ).toEqual({ resource: 'ns/shop', to: 'svc/users', toNamespace: 'shop', maxRps: 20, extract: 'headers' })
})

test('tapFilter() names the other namespace only together with what is called there', () => {
  expect(tapFilter(form({ resource: 'deploy', toNamespace: 'shop' }))).toEqual({ resource: 'deploy' })
})

test('tapCommand() is what a shell reads as the same tap', () => {
  expect(tapCommand(form({ resource: 'deploy/web', namespace: 'shop', path: "/it's", method: 'GET' }))).toBe(
    String.raw`meshscope tap deploy/web -n shop --method GET --path '/it'\''s'`,
  )
})

test('tapSearch() and readTapForm() bring back what was said', () => {
  const values = form({ resource: 'deploy/web', path: '/a?b=c&d', headers: '1' })
  const search = tapSearch(values)
  expect(readTapForm(name => search[name] ?? null)).toEqual(values)
})
