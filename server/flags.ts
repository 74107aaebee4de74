/** One setting: a flag `--name value`, or an environment variable. */
export interface Flag<T> {
  readonly env: string
  /** Shown in the help: what a value looks like, and what it does. */
  readonly value: string
  readonly help: string
  /** What is read when nothing, or nothing readable, is given. */
  readonly fallback: string
  /** Throws an Error whose message says what was expected. */
  read(text: string): T
}

export type Flags = Readonly<Record<string, Flag<unknown>>>
type Settings<F extends Flags> = {
  readonly [N in keyof F]: F[N] extends Flag<infer T> ? T : never
}

export interface FlagsRead<F extends Flags> {
  readonly settings: Settings<F>
  /** Names of the settings that were given, by flag or environment. */
  readonly given: ReadonlySet<keyof F & string>
  readonly problems: readonly string[]
}

/** The settings that arguments and environment give, a flag before its variable, with every problem found. */
export function readFlags<F extends Flags>(
  flags: F,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): FlagsRead<F> {
  const problems: string[] = []
  const texts = new Map<string, { text: string; from: string }>()
  for (const [name, flag] of Object.entries(flags)) {
    const text = env[flag.env]
    if (text !== undefined && text !== '') texts.set(name, { text, from: flag.env })
  }
  for (const [name, text] of readArguments(flags, args, problems))
    texts.set(name, { text, from: `--${name}` })

  const settings: Record<string, unknown> = {}
  for (const [name, flag] of Object.entries(flags)) {
    const given = texts.get(name)
    try {
      settings[name] = flag.read(given?.text ?? flag.fallback)
    } catch (cause) {
      settings[name] = flag.read(flag.fallback)
      const expected = cause instanceof Error ? cause.message : String(cause)
      problems.push(`${given?.from}: expected ${expected}, and got ${JSON.stringify(given?.text)}`)
    }
  }
  return { settings: settings as Settings<F>, given: new Set(texts.keys()), problems }
}

function readArguments(flags: Flags, args: readonly string[], problems: string[]): Map<string, string> {
  const texts = new Map<string, string>()
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    const equals = arg.indexOf('=')
    const name = arg.slice(2, equals === -1 ? undefined : equals)
    if (!arg.startsWith('--') || arg === '--') {
      problems.push(`Unexpected argument ${JSON.stringify(arg)}, only flags are allowed`)
    } else if (!Object.hasOwn(flags, name)) {
      const near = nearest(name, Object.keys(flags))
      problems.push(`Unknown flag --${name}${near ? `, did you mean --${near}?` : ''}`)
      if (equals === -1 && args[i + 1]?.startsWith('--') === false) i++
    } else if (equals !== -1) {
      texts.set(name, arg.slice(equals + 1))
    } else {
      const value = args[i + 1]
      if (value === undefined || value.startsWith('--')) {
        problems.push(`--${name}: expected a value after it, and got none`)
      } else {
        texts.set(name, value)
        i++
      }
    }
  }
  return texts
}

/** The candidate with the fewest edits away; `null` when even that is more than a third of its letters. */
function nearest(text: string, candidates: readonly string[]): string | null {
  let best: string | null = null
  let bestEdits = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const edits = editDistance(text, candidate)
    if (edits < bestEdits && edits <= Math.ceil(Math.max(candidate.length, text.length) / 3)) {
      best = candidate
      bestEdits = edits
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replace, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}
