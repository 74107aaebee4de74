import type { ChosenTime } from '#components/time/use-time.ts'
import { windowMs } from '#components/time/window.ts'

/** About as many steps as the server cuts a window into. */
const stepCount = 60

/** How often to ask for a course over the chosen time: when it has a new point, and never when nothing more comes. */
export function courseFreshness({ choice, options }: ChosenTime): { readonly freshEveryMs?: number } {
  if (choice.kind === 'range') return options
  return { freshEveryMs: Math.min(Math.max(windowMs(choice.window) / stepCount, 2_000), 60_000) }
}
