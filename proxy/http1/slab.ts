import { Buffer } from 'node:buffer'

const SLAB_BYTES = 64 * 1024

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
let used = 0

/**
 * Bytes to encode into, cut from a shared slab; `keep` then says how many are used, and the rest is cut again.
 * A slab lives as long as any of its cuts is being written.
 */
export function cut(sizeBytes: number): Buffer {
  if (sizeBytes > SLAB_BYTES / 4) return Buffer.allocUnsafeSlow(sizeBytes)
  if (used + sizeBytes > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
    used = 0
  }
  return slab.subarray(used, used + sizeBytes)
}

/** The first `usedBytes` of what `cut` gave last. */
export function keep(piece: Buffer, usedBytes: number): Buffer {
  if (piece.buffer === slab.buffer) used += usedBytes
  return usedBytes === piece.length ? piece : piece.subarray(0, usedBytes)
}
