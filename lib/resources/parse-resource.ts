import { parseKind, type ResourceKind } from './kinds.ts'

/** What a question is about: one resource of a kind, or all of them when `name` is null. */
export interface ResourceQuery {
  readonly kind: ResourceKind
  readonly name: string | null
}

/** What could be read, or why it could not: a clause that says what was expected and what came. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string }

/** Short names of the kinds a question can be about, for messages. */
const kindNames = 'deploy, sts, ds, job, cj, rs, rc, po, svc, ns, workload, mesh'

const nameShape = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/

/** The resource that `deploy`, `deploy/web` or `deploy web` stands for. Kinds go by full, plural and short names. */
export function parseResource(text: string): Parsed<ResourceQuery> {
  const words = text
    .trim()
    .split(/\s+/)
    .filter(word => word !== '')
  const list = parseResources(words)
  if (!list.ok) return list
  const [only, second] = list.value
  if (!only || second)
    return fail(`expected one resource, kind or kind/name, and got ${JSON.stringify(text)}`)
  return { ok: true, value: only }
}

/**
 * The resources that the arguments of a command stand for: `TYPE`, `TYPE/NAME`, `TYPE NAME…` or
 * `TYPE/NAME TYPE/NAME…`. None twice. `all` is not a kind: commands that know it look for it first.
 */
export function parseResources(args: readonly string[]): Parsed<ResourceQuery[]> {
  const [first, ...rest] = args
  if (first === undefined)
    return fail(`expected a kind or kind/name, and got nothing; kinds are ${kindNames}`)
  const bareNames = rest.length > 0 && !first.includes('/') && rest.every(arg => !arg.includes('/'))
  const texts = bareNames ? rest.map(name => `${first}/${name}`) : args
  const seen = new Set<string>()
  const found: ResourceQuery[] = []
  for (const text of texts) {
    const one = parseOne(text)
    if (!one.ok) return one
    const id = `${one.value.kind}/${one.value.name ?? ''}`
    if (seen.has(id)) return fail(`expected each resource once, and got ${text} again`)
    seen.add(id)
    found.push(one.value)
  }
  return { ok: true, value: found }
}

function parseOne(text: string): Parsed<ResourceQuery> {
  const slash = text.indexOf('/')
  const kindText = slash === -1 ? text : text.slice(0, slash)
  const name = slash === -1 ? null : text.slice(slash + 1)
  const kind = parseKind(kindText)
  if (!kind) return fail(`expected a kind (${kindNames}), and got ${JSON.stringify(kindText)}`)
  if (name === null) return { ok: true, value: { kind, name } }
  if (kind === 'mesh' || kind === 'workload') return fail(`expected ${kind} without a name, and got ${text}`)
  if (name.length > 253 || !nameShape.test(name)) {
    return fail(`expected a name of lower-case letters, digits, "-" and ".", and got ${JSON.stringify(name)}`)
  }
  return { ok: true, value: { kind, name } }
}

function fail(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem }
}
