import type { Parsed } from './parse-resource.ts'

/** One condition on labels. All conditions of a selector must hold. */
type Requirement =
  | { readonly operator: 'in' | 'notin'; readonly key: string; readonly values: readonly string[] }
  | { readonly operator: 'exists' | 'missing'; readonly key: string }

export type LabelSelector = readonly Requirement[]

const keyShape = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const valueShape = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/

/**
 * The conditions of a Kubernetes label selector: `a=b,c!=d,e in (x,y),f notin (z),g,!h`. Empty text: none, which
 * everything meets.
 */
export function parseLabelSelector(text: string): Parsed<LabelSelector> {
  const requirements: Requirement[] = []
  if (text.trim() === '') return { ok: true, value: requirements }
  for (const part of splitOutsideParentheses(text)) {
    const requirement = parseRequirement(part.trim())
    if (typeof requirement === 'string') return { ok: false, problem: requirement }
    requirements.push(requirement)
  }
  return { ok: true, value: requirements }
}

/** Whether labels meet every condition. As in Kubernetes, `!=` and `notin` hold for a label that is not there. */
export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return selector.every(requirement => meets(requirement, labels))
}

function meets(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined
  switch (requirement.operator) {
    case 'in':
      return value !== undefined && requirement.values.includes(value)
    case 'notin':
      return value === undefined || !requirement.values.includes(value)
    case 'exists':
      return value !== undefined
    case 'missing':
      return value === undefined
  }
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = []
  let start = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '(') depth++
    else if (char === ')') depth--
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

function parseRequirement(text: string): Requirement | string {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const values = list.split(',').map(value => value.trim())
    return checked(text, { operator: operator === 'in' ? 'in' : 'notin', key, values })
  }
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(text)
  if (equality) {
    const [, key = '', operator, value = ''] = equality
    return checked(text, { operator: operator === '!=' ? 'notin' : 'in', key, values: [value] })
  }
  if (text.startsWith('!')) return checked(text, { operator: 'missing', key: text.slice(1).trim() })
  return checked(text, { operator: 'exists', key: text })
}

function checked(text: string, requirement: Requirement): Requirement | string {
  const values = 'values' in requirement ? requirement.values : []
  const fits =
    keyShape.test(requirement.key) && values.every(value => value.length <= 63 && valueShape.test(value))
  if (fits) return requirement
  return `expected a=b, a!=b, a in (b,c), a notin (b,c), a or !a, and got ${JSON.stringify(text)}`
}
