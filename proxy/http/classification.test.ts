import { expect, test } from 'vitest'
import { classify } from './classification.ts'

test('classify() goes by the status of gRPC, where six codes are failures', () => {
  const failures = Array.from({ length: 17 }, (_, code) => code).filter(
    code => classify(200, String(code), null).failure,
  )
  expect(failures).toEqual([2, 4, 7, 13, 14, 15])
  expect(classify(200, '', null)).toMatchObject({ failure: false, grpcStatus: '2' })
  expect(classify(503, '', null).failure).toBe(true)
})

test.each([
  [499, null, null, false],
  [500, null, null, true],
  [500, null, false, false],
  [200, null, true, true],
  [200, '14', false, false],
  [200, '0', true, true],
])('classify(%d, %j, %j) is a failure: %s', (status, grpcStatus, byRoute, failure) => {
  expect(classify(status, grpcStatus, byRoute).failure).toBe(failure)
})
