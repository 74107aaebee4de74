'use client'

import { useUrlParam } from '#components/ui/use-url-param.ts'
import { defaultWindow, parseWindow, type Window } from './window.ts'

/** The window in the page's address (`?window=5m`), and the way to choose another. */
export function useWindow(): readonly [Window, (window: Window) => void] {
  const [text, setText] = useUrlParam('window')
  return [parseWindow(text), window => setText(window === defaultWindow ? null : window)]
}
