import { focusLines, ownLines, type TooltipLine } from './tooltip-lines.ts'

/** What a tooltip says, and what it stands beside. */
export interface Tooltip {
  readonly element: Element
  readonly lines: readonly TooltipLine[]
}

type Lines = (element: Element) => readonly TooltipLine[]

type State =
  | { readonly is: 'hidden' }
  | { readonly is: 'coming'; readonly element: Element; readonly timer: ReturnType<typeof setTimeout> }
  | { readonly is: 'shown'; readonly element: Element; readonly lines: Lines }
  | {
      readonly is: 'leaving'
      readonly element: Element
      readonly lines: Lines
      readonly timer: ReturnType<typeof setTimeout>
    }

const comesAfterMs = 350
/** Long enough to go from what it is about into the tooltip, which then stays. */
const leavesAfterMs = 150

/**
 * Watches a page for elements with an `aria-description` that are hovered, tapped or reached by keyboard, and tells
 * the tooltip to show; `null`: none. Escape, scrolling and a press hide it; what it says follows the page. `box` is
 * the tooltip itself. Returns what ends it.
 */
export function watchTooltips(
  page: Document,
  box: () => Element | null,
  show: (tooltip: Tooltip | null) => void,
): () => void {
  const controller = new AbortController()
  let state: State = { is: 'hidden' }
  let under: Element | null = null

  const enter = (next: State): void => {
    if (state.is === 'coming' || state.is === 'leaving') clearTimeout(state.timer)
    state = next
  }
  const hide = (): void => {
    const wasSeen = state.is === 'shown' || state.is === 'leaving'
    enter({ is: 'hidden' })
    changes.disconnect()
    if (wasSeen) show(null)
  }
  const tell = (element: Element, lines: Lines): void => {
    const told = element.isConnected ? lines(element) : []
    if (told.length === 0) {
      hide()
      return
    }
    enter({ is: 'shown', element, lines })
    changes.disconnect()
    changes.observe(element.closest('tr') ?? element.parentElement ?? element, {
      subtree: true,
      childList: true,
      attributeFilter: ['aria-description'],
    })
    show({ element, lines: told })
  }
  const changes = new MutationObserver(() => {
    if (state.is === 'shown') tell(state.element, state.lines)
  })

  const hover = (element: Element | null): void => {
    if (element === under) return
    under = element
    if (element !== null) {
      if (state.is === 'shown' || state.is === 'leaving') tell(element, ownLines)
      else enter({ is: 'coming', element, timer: setTimeout(() => tell(element, ownLines), comesAfterMs) })
    } else if (state.is === 'coming') hide()
    else if (state.is === 'shown')
      enter({
        is: 'leaving',
        element: state.element,
        lines: state.lines,
        timer: setTimeout(hide, leavesAfterMs),
      })
  }
  const stay = (): void => {
    if (state.is === 'leaving') enter({ is: 'shown', element: state.element, lines: state.lines })
  }
  const listen = <Type extends keyof DocumentEventMap>(
    type: Type,
    listener: (event: DocumentEventMap[Type]) => void,
  ): void => page.addEventListener(type, listener, { capture: true, signal: controller.signal })

  listen('pointerover', ({ target, pointerType }) => {
    if (pointerType === 'touch') return
    const isWithin = target instanceof Node && box()?.contains(target) === true
    if (isWithin) stay()
    else hover(describedAt(target))
  })
  listen('pointerout', ({ relatedTarget, pointerType }) => {
    if (pointerType !== 'touch' && relatedTarget === null) hover(null)
  })
  listen('pointerdown', ({ target, pointerType }) => {
    const element = pointerType === 'touch' ? describedAt(target) : null
    if (element === null || element.closest('a, button, label, summary') !== null) hide()
    else tell(element, ownLines)
  })
  listen('focusin', ({ target }) => {
    if (target instanceof Element && target.matches(':focus-visible')) tell(target, focusLines)
  })
  listen('focusout', hide)
  listen('keydown', ({ key }) => key === 'Escape' && hide())
  listen('scroll', hide)
  page.defaultView?.addEventListener('resize', hide, { signal: controller.signal })

  // What was pointed at or reached while this was fetched.
  const focused = page.querySelector(':focus-visible')
  if (focused !== null) tell(focused, focusLines)
  else hover([...page.querySelectorAll('[aria-description]:hover')].at(-1) ?? null)

  return () => {
    controller.abort()
    hide()
  }
}

function describedAt(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest('[aria-description]') : null
}
