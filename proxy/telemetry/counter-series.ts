import { Series } from './series-group.ts'

/** One counter. */
export class CounterSeries extends Series {
  value = 0

  increment(): void {
    this.touch()
    this.value++
  }

  protected override reset(): void {
    this.value = 0
  }
}
