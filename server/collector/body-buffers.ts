import { Buffer } from 'node:buffer'

const stepBytes = 16_384

/**
 * Memory that answers are read into and that is used again: allocating hundreds of kilobytes for each scrape costs more
 * than reading them. Keeps up to 64 buffers that nobody holds, together of up to 64 MiB; the smallest leave first.
 */
export class BodyBuffers {
  /** Smallest first. */
  readonly #free: Buffer[] = []
  #freeBytes = 0

  /** A buffer of at least so many bytes, with anything in it. */
  take(sizeBytes: number): Buffer {
    const at = this.#free.findIndex(buffer => buffer.length >= sizeBytes)
    const [found] = at < 0 ? [] : this.#free.splice(at, 1)
    if (found === undefined) return Buffer.allocUnsafeSlow(Math.ceil(sizeBytes / stepBytes) * stepBytes)
    this.#freeBytes -= found.length
    return found
  }

  /** Takes a buffer back that nobody reads any more. */
  give(buffer: Buffer): void {
    const at = this.#free.findIndex(other => other.length >= buffer.length)
    this.#free.splice(at < 0 ? this.#free.length : at, 0, buffer)
    this.#freeBytes += buffer.length
    while (this.#free.length > mostFree || this.#freeBytes > mostFreeBytes) {
      this.#freeBytes -= this.#free.shift()?.length ?? 0
    }
  }
}

const mostFree = 64
const mostFreeBytes = 64 * 1_024 * 1_024
