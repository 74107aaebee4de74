import { expect, test } from 'vitest'
import { isOpaque, opaquePortsAnnotation } from './opaque-ports.ts'

const said = (value: string) => ({ [opaquePortsAnnotation]: value })

test("isOpaque() takes Linkerd's usual ports when nobody says", () => {
  expect(isOpaque(5432, [{}, {}])).toBe(true)
  expect(isOpaque(80, [])).toBe(false)
})

test('isOpaque() lets the first annotation decide, empty or not', () => {
  expect(isOpaque(5432, [said('80')])).toBe(false)
  expect(isOpaque(5432, [said('')])).toBe(false)
  expect(isOpaque(80, [{}, said('80')])).toBe(true)
  expect(isOpaque(80, [said('81'), said('80')])).toBe(false)
})

test('isOpaque() reads ranges and names', () => {
  const ports = [{ name: 'admin', port: 9990 }]
  expect(isOpaque(8005, [said('25, 8000-8010')])).toBe(true)
  expect(isOpaque(8011, [said('25, 8000-8010')])).toBe(false)
  expect(isOpaque(9990, [said('admin')], ports)).toBe(true)
  expect(isOpaque(80, [said('admin')], ports)).toBe(false)
})
