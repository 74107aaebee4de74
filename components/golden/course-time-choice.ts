import type { ChosenTime } from '#components/time/use-time.ts'
import type { Window } from '#components/time/window.ts'

/** The length of a step of a course over each window, as the server cuts it when a scrape lasts a second. */
const stepMs: Readonly<Record<Window, number>> = {
  '1m': 2_000,
  '5m': 5_000,
  '10m': 10_000,
  '30m': 30_000,
  '1h': 60_000,
}

/** How often to ask for a course over the chosen time: when it has a new point, and never when nothing more comes. */
export function courseFreshness({ choice, options }: ChosenTime): { readonly freshEveryMs?: number } {
  return choice.kind === 'window' ? { freshEveryMs: stepMs[choice.window] } : options
}
