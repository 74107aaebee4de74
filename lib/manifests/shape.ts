import type { FieldPath } from './field-path.ts'
import { nearest } from './nearest.ts'

/** Takes what is wrong with a value, and returns nothing, as a shape then does. `part` says what to point at: the field's name, or what it holds. */
export type Report = (path: FieldPath, message: string, part?: 'key' | 'value') => undefined

/**
 * Reads an untyped value: the typed one, or `undefined` after reporting every problem in it. Nothing throws, however
 * odd the value.
 */
export type Shape<T> = (value: unknown, path: FieldPath, report: Report) => T | undefined

export interface Field<T, R extends boolean> {
  readonly shape: Shape<T>
  readonly required: R
}
type Fields = Record<string, Field<unknown, boolean>>
type Read<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<infer T, infer R> ? (R extends true ? T : T | undefined) : never
}

/** A field that must be there. */
export function required<T>(shape: Shape<T>): Field<T, true> {
  return { shape, required: true }
}

/** A field that may be missing or null: then it is `undefined`. */
export function optional<T>(shape: Shape<T>): Field<T, false> {
  return { shape, required: false }
}

/** How a value is named in a message: its text where that is short, else its type. */
export function found(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'an object'
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

/** Any value, unread. */
export const anything: Shape<true> = () => true

/** A map from text to what `shape` reads. */
export function record<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, path, report) => {
    if (!isRecord(value)) return report(path, `expected a map, found ${found(value)}`)
    const entries: [string, T][] = []
    let whole = true
    for (const [key, item] of Object.entries(value)) {
      const read = shape(item, [...path, key], report)
      if (read === undefined) whole = false
      else entries.push([key, read])
    }
    return whole ? Object.fromEntries(entries) : undefined
  }
}

/** A list of what `shape` reads. */
export function list<T>(shape: Shape<T>, minLength = 0, maxLength = 10_000): Shape<readonly T[]> {
  return (value, path, report) => {
    if (!Array.isArray(value)) return report(path, `expected a list, found ${found(value)}`)
    if (value.length < minLength || value.length > maxLength) {
      return report(path, `expected ${minLength} to ${maxLength} entries, found ${value.length}`)
    }
    const items = value.map((item: unknown, index) => shape(item, [...path, index], report))
    return items.every(item => item !== undefined) ? items : undefined
  }
}

/** An object with these fields and no others, save for `unread` ones, which are accepted as they are. */
export function object<F extends Fields>(fields: F, unread: readonly string[] = []): Shape<Read<F>> {
  const known = [...Object.keys(fields), ...unread]
  const isKnown = new Set(known)
  return (value, path, report) => {
    if (!isRecord(value)) return report(path, `expected an object, found ${found(value)}`)
    if (path.length > maxDepth) return report(path, `expected at most ${maxDepth} levels of nesting`)
    let whole = true
    for (const key of Object.keys(value)) {
      if (isKnown.has(key)) continue
      report([...path, key], unknownField(key, known), 'key')
      whole = false
    }
    const result: Record<string, unknown> = {}
    for (const [key, field] of Object.entries(fields)) {
      const item = Object.hasOwn(value, key) ? value[key] : undefined
      if (item === undefined || item === null) {
        if (!field.required) continue
        report([...path, key], 'expected a value, found nothing')
        whole = false
        continue
      }
      const read = field.shape(item, [...path, key], report)
      if (read === undefined) whole = false
      else result[key] = read
    }
    return whole ? (result as Read<F>) : undefined
  }
}

/** What `shape` reads, if `check` has nothing against it; else its complaint is reported. */
export function checked<T>(
  shape: Shape<T>,
  check: (value: T, path: FieldPath) => string | { path: FieldPath; message: string } | undefined,
): Shape<T> {
  return (value, path, report) => {
    const read = shape(value, path, report)
    if (read === undefined) return undefined
    const complaint = check(read, path)
    if (complaint === undefined) return read
    if (typeof complaint === 'string') report(path, complaint)
    else report(complaint.path, complaint.message)
    return undefined
  }
}

const maxDepth = 40

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unknownField(name: string, known: readonly string[]): string {
  const guess = nearest(name, known)
  if (guess !== undefined) return `expected a known field, found ${JSON.stringify(name)}; perhaps ${guess}`
  const listed = known.length > 12 ? 'a known field' : `one of ${known.toSorted().join(', ')}`
  return `expected ${listed}, found ${JSON.stringify(name)}`
}
