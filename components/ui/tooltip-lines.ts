/** A line of a tooltip. */
export interface TooltipLine {
  /** What it is about: headings of columns; none where that is clear. */
  readonly about: readonly string[]
  readonly words: string
}

const described = '[aria-description]'

/** What an element under the pointer tells: its own description. Empty when the page shows the same already. */
export function ownLines(element: Element): readonly TooltipLine[] {
  const words = element.getAttribute('aria-description') ?? ''
  return words === '' || isShown(element, words) ? [] : [{ about: [], words }]
}

/**
 * What an element with the focus tells: its own description, and in a table, where only one thing of a row takes the
 * focus, those of the whole row, each with the headings of the columns that it stands in.
 */
export function focusLines(element: Element): readonly TooltipLine[] {
  const row = element.closest('tbody tr')
  if (row === null) {
    const own = element.closest(described)
    return own === null ? [] : ownLines(own)
  }
  const headings = row.closest('table')?.querySelectorAll('thead th')
  const found = new Map<string, string[]>()
  for (const each of [row, ...row.querySelectorAll(described)]) {
    const cell = each.closest('td, th')
    for (const { words } of ownLines(each)) {
      const about = found.get(words) ?? []
      found.set(words, about)
      const isFirst = cell === null || cell === row.firstElementChild
      const heading = isFirst ? '' : (headings?.[[...row.children].indexOf(cell)]?.textContent ?? '')
      if (heading !== '' && !about.includes(heading)) about.push(heading)
    }
  }
  return [...found].map(([words, about]) => ({ about, words }))
}

function isShown(element: Element, words: string): boolean {
  if (element.textContent?.trim() !== words) return false
  const cell = element.closest('td, th') ?? element
  return [element, cell].every(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)
}
