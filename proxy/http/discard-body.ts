import type { Buffer } from 'node:buffer'
import type { BodySink, BodySource } from './body.ts'

const MAX_BYTES = 64 * 1024
const MAX_MS = 1000

/**
 * Reads a body that nobody wants to its end, so that its connection can be used again; one that is longer than
 * 64 KiB, or takes more than a second, is cancelled.
 */
export function discardBody(source: BodySource): void {
  new Discarding(source).start()
}

class Discarding implements BodySink {
  private bytes = 0
  private timer: ReturnType<typeof setTimeout> | null = null
  private state: 'reading' | 'over' = 'reading'

  constructor(private readonly source: BodySource) {}

  start(): void {
    this.source.start(this, false)
    if (this.state === 'reading') this.timer = setTimeout(() => this.giveUp(), MAX_MS)
  }

  data(chunk: Buffer): boolean {
    this.bytes += chunk.length
    if (this.bytes > MAX_BYTES) this.giveUp()
    return true
  }

  flush(): void {}

  end(): void {
    this.stop()
  }

  abort(): void {
    this.stop()
  }

  private giveUp(): void {
    if (this.state === 'over') return
    this.stop()
    this.source.cancel()
  }

  private stop(): void {
    this.state = 'over'
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }
}
