import { Series, type SeriesList } from './series-group.ts'
import type { TransportMetrics } from './telemetry.ts'

/** Further causes of a close are counted as `other`. */
const MAX_ERRNOS = 64

/** Connections and their bytes of one label set. It stays while a connection is open. */
export class TransportSeries extends Series implements TransportMetrics {
  opens = 0
  openConnections = 0
  readBytes = 0
  writeBytes = 0
  closes = new Map<string, number>()

  constructor(
    labels: string,
    list: SeriesList,
    /** Told before what was counted is forgotten. */
    private readonly onLeave: ((series: TransportSeries) => void) | null = null,
  ) {
    super(labels, list)
  }

  opened(): void {
    this.touch()
    this.opens++
    this.openConnections++
  }

  read(bytes: number): void {
    this.touch()
    this.readBytes += bytes
  }

  wrote(bytes: number): void {
    this.touch()
    this.writeBytes += bytes
  }

  closed(errno: string): void {
    this.touch()
    this.openConnections--
    const cause = this.closes.has(errno) || this.closes.size < MAX_ERRNOS ? errno : 'other'
    this.closes.set(cause, (this.closes.get(cause) ?? 0) + 1)
  }

  protected override isHeld(): boolean {
    return this.openConnections > 0
  }

  protected override reset(): void {
    this.onLeave?.(this)
    this.opens = 0
    this.readBytes = 0
    this.writeBytes = 0
    this.closes = new Map()
  }
}
