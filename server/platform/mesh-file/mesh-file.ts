import { loadManifests } from '#lib/manifests/load-manifests.ts'
import type { ManifestCache } from '#lib/manifests/manifest-text.ts'
import type { MeshSettings } from '#lib/manifests/mesh-settings.ts'
import { formatProblem, type Problem } from '#lib/manifests/problem.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import type { Platform } from '#server/platform/platform.ts'
import { readSources, type Source } from './sources.ts'
import { watchSources } from './watch-sources.ts'

export interface MeshFileOptions extends MeshSettings {
  /** A YAML or JSON file, or a folder of them. */
  readonly path: string
  /** An edit is read once nothing has changed for so long. */
  readonly debounceMs?: number
  /** How often the file is looked at besides, for what the system's events miss. */
  readonly lookEveryMs?: number
  /** Told of every refused edit and of the return to good ones. */
  readonly log?: (level: 'info' | 'warn', message: string) => void
}

export type OpenedMeshFile =
  | { readonly platform: Platform }
  /** One line each, with file, line and field. */
  | { readonly problems: readonly [string, ...string[]] }

/**
 * The mesh that a file or folder describes, kept up to date as it is edited: or everything that is wrong with it. A
 * later edit that is wrong changes nothing; `problem()` says what it was.
 */
export async function openMeshFile(options: MeshFileOptions): Promise<OpenedMeshFile> {
  const { path, debounceMs = 50, lookEveryMs = 1000, log = () => {} } = options
  const cache: ManifestCache = new Map()
  const first = await load(path, options, cache)
  if ('problems' in first) return first

  let state: MeshState = { ...first.state, revision: 1 }
  let problem: string | null = null
  let texts = first.texts
  const listeners = new Set<() => void>()

  const reload = async (): Promise<void> => {
    const loaded = await load(path, options, cache)
    if ('problems' in loaded) {
      const [one, ...more] = loaded.problems
      const refused = more.length === 0 ? one : `${one} (and ${more.length} more)`
      if (refused === problem) return
      problem = refused
      for (const line of loaded.problems.slice(0, 20)) log('warn', `Mesh file edit refused: ${line}`)
    } else {
      if (problem === null && loaded.texts === texts) return
      if (loaded.texts !== texts) state = { ...loaded.state, revision: state.revision + 1 }
      texts = loaded.texts
      problem = null
      log('info', `Mesh file read: ${state.services.length} services, ${state.instances.length} instances`)
    }
    for (const listener of Array.from(listeners)) listener()
  }

  const watch = await watchSources(path, { debounceMs, lookEveryMs }, reload)
  return {
    platform: {
      current: () => state,
      problem: () => problem,
      subscribe(listener) {
        // A wrapper, so that a listener which subscribes twice is called twice.
        const own = (): void => listener()
        listeners.add(own)
        return () => listeners.delete(own)
      },
      async close() {
        listeners.clear()
        await watch.close()
      },
    },
  }
}

type LoadedSources =
  | { readonly state: Omit<MeshState, 'revision'>; readonly texts: string }
  | { readonly problems: readonly [string, ...string[]] }

async function load(path: string, settings: MeshSettings, cache: ManifestCache): Promise<LoadedSources> {
  let sources: readonly Source[]
  try {
    sources = await readSources(path)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { problems: [`Cannot read mesh file ${path}: ${why}`] }
  }
  // An editor that truncates before it writes shows an empty file for a moment; a mesh of nothing is no mesh.
  if (sources.every(({ text }) => text.trim() === '')) {
    return { problems: [`Cannot use mesh file ${path}: expected objects of the mesh, found nothing`] }
  }
  const loaded = loadManifests(sources, settings, cache)
  if ('state' in loaded) {
    return { state: loaded.state, texts: JSON.stringify(sources) }
  }
  const [one, ...more] = loaded.problems.map((problem: Problem) => formatProblem(problem))
  return { problems: [one ?? `Cannot use mesh file ${path}`, ...more] }
}
