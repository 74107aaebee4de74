import { chooseTheme, type Theme } from '#components/ui/theme.ts'
import { say } from '#components/ui/toasts.ts'

/** Something to do that has no page. */
export interface Action {
  readonly id: string
  readonly words: string
  run(): void
}

/** What the palette can do. */
export const actions: readonly Action[] = [
  { id: 'copy-link', words: 'Copy the link to this page', run: () => void copyLink() },
  themeAction('light', 'Light theme'),
  themeAction('dark', 'Dark theme'),
  themeAction('system', "The device's theme"),
]

function themeAction(theme: Theme, words: string): Action {
  return { id: `theme-${theme}`, words, run: () => chooseTheme(theme) }
}

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(window.location.href)
    say('The link is copied')
  } catch {
    say('The browser does not allow to copy here: take the link from its address bar')
  }
}
