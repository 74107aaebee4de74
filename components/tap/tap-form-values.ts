import { shellWord } from '#components/ui/shell-word.ts'
import type { TapFilter } from '#lib/api/tap.ts'

/** What the form holds, all as text: the parameters of the page's address. Empty where nothing is asked. */
export interface TapFormValues {
  readonly namespace: string
  readonly resource: string
  readonly toNamespace: string
  readonly to: string
  readonly method: string
  readonly path: string
  readonly authority: string
  readonly scheme: string
  readonly selector: string
  readonly maxRps: string
  /** `1`: show headers, too. */
  readonly headers: string
}

const names = [
  'namespace',
  'resource',
  'toNamespace',
  'to',
  'method',
  'path',
  'authority',
  'scheme',
  'selector',
  'maxRps',
  'headers',
] as const satisfies readonly (keyof TapFormValues)[]

export const defaultMaxRps = 100

/** The form as an address, or what was filled in, says it. */
export function readTapForm(from: (name: string) => string | null): TapFormValues {
  return Object.fromEntries(names.map(name => [name, (from(name) ?? '').trim()])) as Record<
    (typeof names)[number],
    string
  >
}

/** The parameters that an address says it with; `null` for what it leaves out. */
export function tapSearch(values: TapFormValues): Record<string, string | null> {
  return Object.fromEntries(names.map(name => [name, values[name] === '' ? null : values[name]]))
}

/** The filter to start with. What is wrong with it, the server says. */
export function tapFilter(values: TapFormValues): TapFilter {
  const { namespace, resource, toNamespace, to, method, path, authority, scheme, selector, maxRps } = values
  const optional = {
    namespace,
    to,
    toNamespace: to === '' ? '' : toNamespace,
    method,
    path,
    authority,
    selector,
  }
  return {
    resource,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== '')),
    ...(scheme === 'http' || scheme === 'https' ? { scheme } : {}),
    ...(maxRps === '' ? {} : { maxRps: Math.round(Number(maxRps)) }),
    ...(values.headers === '1' ? { extract: 'headers' as const } : {}),
  }
}

/** The command that taps the same in a terminal. */
export function tapCommand(values: TapFormValues): string {
  const flags: readonly (readonly [string, string])[] = [
    ['-n', values.namespace],
    ['--to', values.to],
    ['--to-namespace', values.to === '' ? '' : values.toNamespace],
    ['--method', values.method],
    ['--path', values.path],
    ['--authority', values.authority],
    ['--scheme', values.scheme],
    ['-l', values.selector],
    ['--max-rps', values.maxRps],
  ]
  const words = flags.flatMap(([flag, value]) => (value === '' ? [] : [flag, shellWord(value)]))
  if (values.headers === '1') words.push('-o json')
  return ['meshscope tap', shellWord(values.resource === '' ? 'deploy' : values.resource), ...words].join(' ')
}
