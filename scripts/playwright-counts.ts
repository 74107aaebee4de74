import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter'

/** Prints the run's counts on a line of their own: `N passed, N failed, N skipped`. */
export default class PlaywrightCounts implements Reporter {
  readonly #outcomes = new Map<string, TestResult['status']>()

  onTestEnd(test: TestCase, result: TestResult): void {
    this.#outcomes.set(test.id, result.status)
  }

  onEnd(): void {
    const outcomes = [...this.#outcomes.values()]
    const passed = outcomes.filter(status => status === 'passed').length
    const skipped = outcomes.filter(status => status === 'skipped').length
    console.log(`${passed} passed, ${outcomes.length - passed - skipped} failed, ${skipped} skipped`)
  }

  printsToStdio(): boolean {
    return false
  }
}
