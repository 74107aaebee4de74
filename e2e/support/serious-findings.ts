import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

type Finding = readonly [rule: string, elements: readonly string[]]

/** What axe finds on the page, or in the part that a selector names, and calls serious or worse. */
export async function seriousFindings(page: Page, part = 'html'): Promise<readonly Finding[]> {
  const { violations } = await new AxeBuilder({ page }).include(part).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, nodes.map(node => node.html)])
}
