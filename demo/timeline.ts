import type { Trouble } from './trouble.ts'

/** A turn of the story. */
export interface Moment {
  /** Seconds after the story began, below `storySeconds`. */
  readonly atSecond: number
  readonly title: string
  readonly detail: string
  /** Whom it concerns; empty: the whole mesh. */
  readonly namespace: string
  /** What is wrong from here to the next moment. */
  readonly troubles: readonly Trouble[]
}

/** After so long the story begins again. */
export const storySeconds = 240

/** The turns of the story in their order; before the first all is well. */
export const moments: readonly Moment[] = [
  {
    atSecond: 40,
    title: 'Payments slow down',
    detail: 'Charges take most of their 500 ms and fail more: retries rise, and some checkouts time out',
    namespace: 'payments',
    troubles: ['payments-slow'],
  },
  {
    atSecond: 85,
    title: 'Payments are quick again; recommendations-v2 fails',
    detail:
      'Half of what recommendations-v2 answers to its tenth of the requests is an error; retries hide most',
    namespace: 'shop',
    troubles: ['recommendations-v2-fails'],
  },
  {
    atSecond: 125,
    title: 'A catalog replica dies',
    detail: 'The proxy of catalog-1 is killed; catalog-0 carries all of it',
    namespace: 'shop',
    troubles: ['catalog-replica-dead'],
  },
  {
    atSecond: 150,
    title: 'The catalog replica is back',
    detail: 'catalog-1 takes its share again',
    namespace: 'shop',
    troubles: [],
  },
  {
    atSecond: 165,
    title: 'The scraper knocks harder',
    detail: 'batch/scraper asks payments 25 times a second; policy refuses every request',
    namespace: 'payments',
    troubles: ['scraper-bursts'],
  },
  {
    atSecond: 200,
    title: 'All is well again',
    detail: 'The story begins anew in 40 s',
    namespace: '',
    troubles: [],
  },
]

/** What is wrong `second` seconds after the story began; it repeats for ever. */
export function troublesAt(second: number): readonly Trouble[] {
  const inRound = second % storySeconds
  return moments.findLast(({ atSecond }) => atSecond <= inRound)?.troubles ?? []
}

/** The first moment after `second`, and the second it comes at, counted from the first beginning. */
export function momentAfter(second: number): { readonly moment: Moment; readonly atSecond: number } {
  const round = Math.floor(second / storySeconds) * storySeconds
  const later = moments.find(({ atSecond }) => round + atSecond > second)
  const moment = later ?? moments[0]!
  return { moment, atSecond: round + moment.atSecond + (later ? 0 : storySeconds) }
}
