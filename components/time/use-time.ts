'use client'

import { useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { setUrlParams } from '#components/ui/set-url-params.ts'
import {
  readTimeChoice,
  type TimeChoice,
  timeFlag,
  timeParams,
  timeSearch,
  timeWords,
} from './time-choice.ts'

export interface ChosenTime {
  readonly choice: TimeChoice
  /** Asks the API for this time. */
  readonly params: Readonly<Record<string, string>>
  /** Goes with `params` to `useQuestion`: a window is followed, and a range that is over asked once. */
  readonly options: { readonly freshEveryMs?: number }
  /** Asks the command line for it; empty, or with a blank before it. */
  readonly flag: string
  /** `5 min` */
  readonly words: string
  /** Puts another time into the address; going back undoes that. */
  readonly choose: (choice: TimeChoice) => void
}

/** The time in the page's address, and the way to choose another. */
export function useTime(): ChosenTime {
  const search = useSearchParams()
  const text = search.toString()
  const choose = useCallback((choice: TimeChoice) => {
    setUrlParams({ window: null, start: null, end: null, ...timeSearch(choice) })
  }, [])
  return useMemo(() => {
    const choice = readTimeChoice(new URLSearchParams(text))
    return {
      choice,
      params: timeParams(choice),
      options: freshness(choice),
      flag: timeFlag(choice),
      words: timeWords(choice),
      choose,
    }
  }, [text, choose])
}

/** The last scrapes of a range may come in after its end. */
const settledAfterMs = 30_000

function freshness(choice: TimeChoice): ChosenTime['options'] {
  if (choice.kind === 'window') return {}
  return { freshEveryMs: choice.endMs + settledAfterMs < Date.now() ? Infinity : 5_000 }
}
