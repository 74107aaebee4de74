import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

type Finding = readonly [scheme: string, rule: string, elements: readonly string[]]

/** All rules, and those whose outcome the colours decide. */
const rulesOf = { light: null, dark: ['color-contrast', 'link-in-text-block'] } as const

/**
 * What axe finds on the page, or in the part that a selector names, and calls serious or worse, in either colour scheme.
 * Both have the same elements: what colours don't decide is looked at once. Leaves the page in the dark scheme.
 */
export async function seriousFindings(page: Page, part = 'html'): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    // Only what is at fault is described, and no page is opened to put frames together: pages have none.
    const axe = new AxeBuilder({ page })
      .options({ resultTypes: ['violations'] })
      .setLegacyMode()
      .include(part)
    const rules = rulesOf[scheme]
    const { violations } = await (rules === null ? axe : axe.withRules([...rules])).analyze()
    for (const { id, impact, nodes } of violations) {
      if (impact === 'serious' || impact === 'critical')
        findings.push([scheme, id, nodes.map(node => node.html)])
    }
  }
  return findings
}
