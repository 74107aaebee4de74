import { rename } from 'node:fs/promises'
import * as z from 'zod/mini'
import { type MarkerRow, markerRowSchema } from '#lib/api/markers.ts'
import { readIfPresent, writeWhole } from '#server/data/files.ts'
import { MarkerStore } from './marker-store.ts'
import type { Markers } from './markers.ts'

export interface KeptMarkers extends Markers {
  /** Waits until what was added is written. Safe twice. */
  close(): Promise<void>
}

export interface MarkersOptions {
  /** The file that keeps them. */
  readonly path: string
  readonly log: (message: string) => void
}

const fileSchema = z.object({ markers: z.array(markerRowSchema) })

/**
 * Markers that a file keeps over a restart. A file that cannot be read as such is told and set aside; one that cannot
 * be written is told once, and tried again with the next marker.
 */
export async function openMarkers({ path, log }: MarkersOptions): Promise<KeptMarkers> {
  const store = new MarkerStore()
  for (const marker of await readMarkers(path, log)) store.add(marker)
  let writing: Promise<void> | null = null
  let isWriteDue = false
  let hasFailed = false

  /** Markers that come while the file is written are written together after that. */
  const write = async (): Promise<void> => {
    while (isWriteDue) {
      isWriteDue = false
      try {
        const text = `${JSON.stringify({ markers: store.all() })}\n`
        await writeWhole(path, text, 0o600, { durable: false })
        hasFailed = false
      } catch (error) {
        if (!hasFailed) log(error instanceof Error ? error.message : String(error))
        hasFailed = true
      }
    }
  }
  return {
    list: (startMs, endMs) => store.list(startMs, endMs),
    add(marker) {
      if (!store.add(marker)) return false
      isWriteDue = true
      writing ??= write().finally(() => {
        writing = null
      })
      return true
    },
    async close() {
      await writing
    },
  }
}

async function readMarkers(path: string, log: (message: string) => void): Promise<readonly MarkerRow[]> {
  const text = await readIfPresent(path)
  if (text === null) return []
  const markers = parseMarkers(text)
  if (markers !== null) return markers
  await rename(path, `${path}.broken`)
  log(
    `Cannot read ${path}: expected {"markers": […]} as this server writes it; it is set aside as ${path}.broken, and markers begin anew`,
  )
  return []
}

function parseMarkers(text: string): readonly MarkerRow[] | null {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(text))
    const isDated = parsed.data?.markers.every(({ at }) => Number.isFinite(Date.parse(at))) ?? false
    return parsed.success && isDated ? parsed.data.markers : null
  } catch {
    return null
  }
}
