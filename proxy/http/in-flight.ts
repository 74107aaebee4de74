/** Counts what is under way, up to a limit. */
export class InFlight {
  private count = 0

  constructor(private readonly limit: number) {}

  /** Returns `false` when the limit is reached; else each `true` needs a `leave`. */
  enter(): boolean {
    if (this.count >= this.limit) return false
    this.count++
    return true
  }

  leave(): void {
    this.count--
  }
}
