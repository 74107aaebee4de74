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

/** Counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** One document of a YAML file, as plain values that know where they were written. */
export interface Manifest {
  readonly file: string
  readonly value: unknown
  /** Where a field's value was written, or its key; the nearest thing around it when it was not. */
  locate(path: FieldPath, part: 'key' | 'value'): Place
}

/** What documents say, by their text; an edit of a large file changes few of them, and YAML is slow to read. */
export type ManifestCache = Map<string, ReadText>

interface ReadText {
  readonly values: readonly { readonly value: unknown; readonly index: number }[]
  readonly errors: readonly (Place & { readonly message: string })[]
}

/** Largest text that is read: what a mesh of tens of thousands of instances needs. */
const maxTextLength = 32 * 1024 * 1024

/**
 * The documents of a YAML or JSON text, empty ones left out, and what is wrong with it as YAML. A document with a
 * problem is not among them; the others are. What `before` holds is not read again; all that was met is in `met`.
 */
export function readManifests(
  file: string,
  text: string,
  before: ManifestCache = new Map(),
  met: ManifestCache = new Map(),
): { manifests: Manifest[]; problems: Problem[] } {
  if (text.length > maxTextLength) {
    const message = `expected at most ${maxTextLength} characters, found ${text.length}`
    return { manifests: [], problems: [{ file, line: 1, column: 1, object: '', field: '', message }] }
  }
  const manifests: Manifest[] = []
  const problems: Problem[] = []
  for (const { text: part, linesBefore } of splitDocuments(text)) {
    const read = met.get(part) ?? before.get(part) ?? readText(part)
    met.set(part, read)
    for (const { line, column, message } of read.errors) {
      problems.push({ file, line: line + linesBefore, column, object: '', field: '', message })
    }
    let located: Locator | undefined
    for (const { value, index } of read.values) {
      const locate: Manifest['locate'] = (path, what) => {
        located ??= locator(part)
        const { line, column } = located(index, path, what)
        return { line: line + linesBefore, column }
      }
      manifests.push({ file, value, locate })
    }
  }
  return { manifests, problems }
}

/** The text cut before each `---`; whole where directives or end markers give documents another shape. */
function splitDocuments(text: string): { text: string; linesBefore: number }[] {
  if (/^(?:%|\.\.\.)/m.test(text)) return [{ text, linesBefore: 0 }]
  const parts: { text: string; linesBefore: number }[] = []
  let linesBefore = 0
  for (const part of text.split(/^(?=---(?:\s|$))/m)) {
    parts.push({ text: part, linesBefore })
    for (let at = part.indexOf('\n'); at >= 0; at = part.indexOf('\n', at + 1)) linesBefore++
  }
  return parts
}

function readText(text: string): ReadText {
  const lines = new LineCounter()
  const values: { value: unknown; index: number }[] = []
  const errors: (Place & { message: string })[] = []
  for (const [index, document] of parse(text, lines).entries()) {
    if (document.errors.length > 0) {
      // After a syntax error the rest of a document is guesswork.
      const syntax = document.errors.findIndex(({ code }) => code !== 'DUPLICATE_KEY')
      for (const error of document.errors.slice(0, syntax < 0 ? undefined : syntax + 1)) {
        const key = text
          .slice(...error.pos)
          .trim()
          .slice(0, 80)
        const message =
          error.code === 'DUPLICATE_KEY'
            ? `expected each key once, found ${key} again`
            : oneLine(error.message)
        errors.push({ ...placeOf(lines, error.pos[0]), message })
      }
      continue
    }
    if (document.contents === null) continue
    try {
      const value: unknown = document.toJS({ maxAliasCount: 100 })
      if (value !== null) values.push({ value, index })
    } catch (error) {
      const message = oneLine(error instanceof Error ? error.message : String(error))
      errors.push({ ...placeOf(lines, document.range[0]), message })
    }
  }
  return { values, errors }
}

type Locator = (index: number, path: FieldPath, part: 'key' | 'value') => Place

/** Reads the text once more, keeping what only a complaint needs: where everything was. */
function locator(text: string): Locator {
  const lines = new LineCounter()
  const documents = parse(text, lines)
  return (index, path, part) => {
    const document = documents[index]
    return placeOf(lines, document ? offsetOf(document, path, part) : 0)
  }
}

function parse(text: string, lineCounter: LineCounter): Document.Parsed[] {
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false })
  return 'empty' in documents ? [] : documents
}

function placeOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function offsetOf(document: Document.Parsed, path: FieldPath, part: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = document.contents?.range[0] ?? 0
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
