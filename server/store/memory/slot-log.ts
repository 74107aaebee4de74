import { slotStartMs } from '#lib/metrics/slots.ts'

/** How finely time is kept: slots of `fineMs` at first, of `coarseMs` once they are old. */
export interface TimeScale {
  readonly fineMs: number
  readonly coarseMs: number
}

/** Takes the numbers of a range: for each entry its slot, then its numbers. A slot may have several entries. */
export interface SlotSink {
  enter(slotMs: number): void
  add(field: number, value: number): void
}

const fineChunkMs = 60_000
const coarseChunkMs = 600_000
const firstChunkBytes = 24

/**
 * A stretch of slots. An entry is a slot index, two bytes that say how long the rest of it is, and (field, value)
 * pairs; the numbers are of variable length, seven bits to a byte, the lowest first.
 */
interface Chunk {
  readonly startMs: number
  readonly spanMs: number
  readonly stepMs: number
  /** The value of the state field when the chunk began. */
  readonly carried: number
  bytes: Uint8Array
  used: number
}

/**
 * The non-zero numbers of one cell over time, at a few bytes each. Numbers of one slot add up, except those of
 * the state field, where the newest is the value. Chunks age from fine to coarse slots, and then leave.
 */
export class SlotLog {
  readonly #scale: TimeScale
  readonly #stateField: number
  readonly #chunks: Chunk[] = []
  #bytes = 0
  #state = 0
  #stateAtMs = Number.NEGATIVE_INFINITY

  constructor(scale: TimeScale, stateField: number) {
    this.#scale = scale
    this.#stateField = stateField
  }

  /** The newest value of the state field; 0 before any. */
  get state(): number {
    return this.#state
  }

  /** Whether the state field ever had a value. */
  get hasState(): boolean {
    return this.#stateAtMs !== Number.NEGATIVE_INFINITY
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  /** Bytes held, with what the runtime adds for each chunk. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds the numbers of one slot; `fineFromMs` is where fine slots begin. Numbers are safe integers, 0 or more. */
  append(atMs: number, fineFromMs: number, fields: readonly number[], values: readonly number[]): void {
    const isFine = atMs >= fineFromMs
    const chunk = this.#chunkFor(atMs, isFine ? fineChunkMs : coarseChunkMs, this.#state)
    this.#write(chunk, atMs, fields, values)
    const at = fields.indexOf(this.#stateField)
    if (at >= 0 && atMs >= this.#stateAtMs) {
      this.#state = values[at]!
      this.#stateAtMs = atMs
    }
  }

  /** Gives the sink every number of the slots from `startMs` to before `endMs`. */
  read(startMs: number, endMs: number, sink: SlotSink): void {
    for (const chunk of this.#chunks) {
      if (chunk.startMs < endMs && chunk.startMs + chunk.spanMs > startMs) {
        readChunk(chunk, startMs, endMs, sink)
      }
    }
  }

  /** The state field's value just before `atMs`, as far back as chunks reach. */
  stateBefore(atMs: number): number {
    const chunk = this.#chunks.findLast(each => each.startMs < atMs)
    if (chunk === undefined) return this.#chunks[0]?.carried ?? this.#state
    let value = chunk.carried
    readChunk(chunk, chunk.startMs, atMs, {
      enter: () => {},
      add: (field, newer) => {
        if (field === this.#stateField) value = newer
      },
    })
    return value
  }

  /** Turns slots before `fineFromMs` into coarse ones and lets go of chunks that end before `keepFromMs`. */
  age(fineFromMs: number, keepFromMs: number): void {
    const old = this.#chunks.filter(each => each.spanMs === fineChunkMs && each.startMs < fineFromMs)
    for (const chunk of old) {
      this.#chunks.splice(this.#chunks.indexOf(chunk), 1)
      this.#bytes -= chunkBytes(chunk)
      this.#appendCoarse(chunk)
    }
    while (this.#chunks[0] !== undefined && this.#chunks[0].startMs + this.#chunks[0].spanMs <= keepFromMs) {
      this.#bytes -= chunkBytes(this.#chunks[0])
      this.#chunks.shift()
    }
  }

  #write(chunk: Chunk, atMs: number, fields: readonly number[], values: readonly number[]): void {
    const before = chunkBytes(chunk)
    writeEntry(chunk, Math.floor((atMs - chunk.startMs) / chunk.stepMs), fields, values)
    this.#bytes += chunkBytes(chunk) - before
  }

  #trim(chunk: Chunk): void {
    this.#bytes -= chunk.bytes.length - chunk.used
    chunk.bytes = chunk.bytes.slice(0, chunk.used)
  }

  #appendCoarse(fine: Chunk): void {
    const chunk = this.#chunkFor(fine.startMs, coarseChunkMs, fine.carried)
    const fields: number[] = []
    const values: number[] = []
    let openSlotMs = fine.startMs
    const flush = () => {
      if (fields.length === 0) return
      this.#write(chunk, openSlotMs, fields, values)
      fields.length = 0
      values.length = 0
    }
    readChunk(fine, fine.startMs, fine.startMs + fine.spanMs, {
      enter: fineSlotMs => {
        const slotMs = slotStartMs(fineSlotMs, this.#scale.coarseMs)
        if (slotMs !== openSlotMs) flush()
        openSlotMs = slotMs
      },
      add: (field, value) => {
        const at = fields.indexOf(field)
        if (at < 0) {
          fields.push(field)
          values.push(value)
        } else {
          values[at] = field === this.#stateField ? value : values[at]! + value
        }
      },
    })
    flush()
    this.#trim(chunk)
  }

  #chunkFor(atMs: number, spanMs: number, carried: number): Chunk {
    const startMs = slotStartMs(atMs, spanMs)
    let index = this.#chunks.length
    while (index > 0) {
      const before = this.#chunks[index - 1]!
      if (before.startMs === startMs && before.spanMs === spanMs) return before
      if (before.startMs < startMs || (before.startMs === startMs && before.spanMs > spanMs)) break
      index--
    }
    const chunk: Chunk = {
      startMs,
      spanMs,
      stepMs: spanMs === fineChunkMs ? this.#scale.fineMs : this.#scale.coarseMs,
      carried,
      bytes: new Uint8Array(firstChunkBytes),
      used: 0,
    }
    const previous = this.#chunks[index - 1]
    if (previous !== undefined) this.#trim(previous)
    this.#chunks.splice(index, 0, chunk)
    this.#bytes += chunkBytes(chunk)
    return chunk
  }
}

/** What a chunk takes, with what the runtime adds. */
function chunkBytes({ bytes }: Chunk): number {
  return bytes.length + 160
}

function writeEntry(chunk: Chunk, slot: number, fields: readonly number[], values: readonly number[]): void {
  // A safe integer takes at most 8 bytes of 7 bits, a slot at most 2, a field at most 2: buckets are below 16,000.
  const needed = chunk.used + 4 + fields.length * 10
  if (needed > chunk.bytes.length) {
    const grown = new Uint8Array(Math.max(needed, chunk.bytes.length * 2))
    grown.set(chunk.bytes)
    chunk.bytes = grown
  }
  const lengthAt = writeInteger(chunk.bytes, chunk.used, slot)
  let at = lengthAt + 2
  for (let i = 0; i < fields.length; i++) {
    at = writeInteger(chunk.bytes, at, fields[i]!)
    at = writeInteger(chunk.bytes, at, values[i]!)
  }
  const length = at - lengthAt - 2
  if (length > 65_535) throw new RangeError(`Cannot store ${fields.length} numbers of one slot: too many`)
  chunk.bytes[lengthAt] = length & 255
  chunk.bytes[lengthAt + 1] = length >> 8
  chunk.used = at
}

function writeInteger(bytes: Uint8Array, start: number, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Cannot store a count: expected a safe integer, 0 or more, got ${value}`)
  }
  let at = start
  let rest = value
  while (rest > 127) {
    bytes[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  bytes[at++] = rest
  return at
}

function readChunk(chunk: Chunk, startMs: number, endMs: number, sink: SlotSink): void {
  const { bytes, used, startMs: chunkStartMs, stepMs } = chunk
  const firstSlot = (startMs - chunkStartMs) / stepMs
  const endSlot = (endMs - chunkStartMs) / stepMs
  let at = 0
  while (at < used) {
    let slot = bytes[at++]!
    if (slot > 127) slot = (slot & 127) + bytes[at++]! * 128
    const entryEnd = at + 2 + bytes[at]! + bytes[at + 1]! * 256
    at += 2
    if (slot < firstSlot || slot >= endSlot) {
      at = entryEnd
      continue
    }
    sink.enter(chunkStartMs + slot * stepMs)
    while (at < entryEnd) {
      let field = bytes[at++]!
      if (field > 127) field = (field & 127) + bytes[at++]! * 128
      let byte = bytes[at++]!
      let value = byte & 127
      for (let scale = 128; byte > 127; scale *= 128) {
        byte = bytes[at++]!
        value += (byte & 127) * scale
      }
      sink.add(field, value)
    }
  }
}
