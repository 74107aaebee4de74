import { SearchParamsContext } from 'next/dist/shared/lib/hooks-client-context.shared-runtime.js'
import { act, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach } from 'vitest'

declare global {
  // React looks for this name.
  var IS_REACT_ACT_ENVIRONMENT: boolean
}

globalThis.IS_REACT_ACT_ENVIRONMENT = true

const noSearch = new URLSearchParams()
const opened: (() => void)[] = []
afterEach(() => {
  for (const close of opened.splice(0)) close()
})

/** A page in a test that shows one element at a time; it is taken down after the test. */
export interface TestPage {
  readonly element: HTMLElement
  show(node: ReactNode): void
  /** The text within, blanks made even. */
  text(): string
}

/** Opens a page. It needs a document: `@vitest-environment happy-dom`. */
export function openTestPage(): TestPage {
  const element = document.createElement('div')
  document.body.append(element)
  const root = createRoot(element)
  opened.push(() => {
    act(() => root.unmount())
    element.remove()
  })
  return {
    element,
    show: node => act(() => root.render(<SearchParamsContext value={noSearch}>{node}</SearchParamsContext>)),
    text: () => (element.textContent ?? '').replace(/\s+/g, ' '),
  }
}
