import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseAllDocuments,
} from 'yaml'
import type { FieldPath } from './field-path.ts'
import type { Problem } from './problem.ts'

/** One document of a YAML file, as plain values that remember where they were written. */
export interface Manifest {
  readonly file: string
  readonly value: unknown
  /** Where a field's value was written, or its key; the nearest thing around it when it was not. */
  locate(path: FieldPath, part: 'key' | 'value'): { readonly line: number; readonly column: number }
}

/** Largest text that is read: what a mesh of tens of thousands of instances needs. */
const maxManifestLength = 32 * 1024 * 1024

/**
 * The documents of a YAML or JSON text, empty ones left out, and what is wrong with it as YAML. A document with a
 * problem is not among them; the others are.
 */
export function readManifests(file: string, text: string): { manifests: Manifest[]; problems: Problem[] } {
  const manifests: Manifest[] = []
  const problems: Problem[] = []
  const refuse = (place: { line: number; column: number }, message: string): void => {
    problems.push({ file, ...place, object: '', field: '', message })
  }
  if (text.length > maxManifestLength) {
    refuse({ line: 1, column: 1 }, `expected at most ${maxManifestLength} characters, found ${text.length}`)
    return { manifests, problems }
  }
  const lines = new LineCounter()
  const position = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  for (const document of parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })) {
    if (!('contents' in document) || document.contents === null) continue
    if (document.errors.length > 0) {
      // After a syntax error the rest of a document is guesswork.
      const syntax = document.errors.findIndex(({ code }) => code !== 'DUPLICATE_KEY')
      for (const error of document.errors.slice(0, syntax < 0 ? undefined : syntax + 1)) {
        refuse(position(error.pos[0]), oneLine(error.message))
      }
      continue
    }
    try {
      const value: unknown = document.toJS({ maxAliasCount: 100 })
      if (value === null) continue
      const locate: Manifest['locate'] = (path, part) => position(offsetOf(document, path, part))
      manifests.push({ file, value, locate })
    } catch (error) {
      refuse(
        position(document.range?.[0] ?? 0),
        oneLine(error instanceof Error ? error.message : String(error)),
      )
    }
  }
  return { manifests, problems }
}

function offsetOf(document: Document.Parsed, path: FieldPath, part: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = document.contents?.range?.[0] ?? 0
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    if (!isCollection(node)) break
    const pair = isMap(node)
      ? node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(step))
      : undefined
    if (part === 'key' && index === path.length - 1 && isNode(pair?.key)) return pair.key.range?.[0] ?? offset
    node = pair ? pair.value : isMap(node) ? undefined : node.get(step, true)
    if (!isNode(node)) return isNode(pair?.key) ? (pair.key.range?.[0] ?? offset) : offset
    offset = node.range?.[0] ?? offset
  }
  return offset
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim()
}
