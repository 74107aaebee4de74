import { UsageError } from './command.ts'

/** What commands whose numbers span a time understand. */
export const timeOptions = {
  'time-window': { type: 'string', short: 't' },
  start: { type: 'string' },
  end: { type: 'string' },
} as const

/** How `timeOptions` are explained. */
export const timeOptionsHelp = `      --end instant             with --start: up to then instead of now, RFC 3339 or Unix seconds
      --start instant           from then on; with --end instead of -t
  -t, --time-window duration    how far back the numbers reach, up to 14d (default 1m);
                                at least two scrape intervals of the server: 10s unless it was told other ones`

/** The time that a question is about, as the API takes it. Throws `UsageError` for a range that is not whole. */
export function readTime(values: {
  readonly 'time-window'?: string
  readonly start?: string
  readonly end?: string
}): { readonly window?: string; readonly start?: string; readonly end?: string } {
  const { 'time-window': window, start, end } = values
  if (window !== undefined && (start !== undefined || end !== undefined)) {
    throw new UsageError('--time-window and --start with --end exclude each other, expected one of them')
  }
  if ((start === undefined) !== (end === undefined)) {
    throw new UsageError(`--${start === undefined ? 'end' : 'start'}: expected --start and --end together`)
  }
  return {
    ...(window !== undefined && { window }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  }
}
