import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** One file of the mesh's description. */
export interface Source {
  readonly name: string
  readonly text: string
}

/** More than this is a mistake in the path rather than a mesh. */
const maxFiles = 10_000
const maxFileBytes = 32 * 1024 * 1024

/** The file at `path`; for a folder, its YAML and JSON files by name, hidden ones and deeper folders left out. */
async function sourcePaths(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).filter(name => !name.startsWith('.') && /\.(?:ya?ml|json)$/.test(name))
  if (names.length > maxFiles)
    throw new RangeError(`expected at most ${maxFiles} files, found ${names.length}`)
  return names.toSorted().map(name => join(path, name))
}

/** The texts at `path`, in order. Throws when one cannot be read or is too large. */
export async function readSources(path: string): Promise<Source[]> {
  const sources: Source[] = []
  for (const name of await sourcePaths(path)) {
    const { size } = await stat(name)
    if (size > maxFileBytes) {
      throw new RangeError(`expected at most ${maxFileBytes} bytes in ${name}, found ${size}`)
    }
    sources.push({ name, text: await readFile(name, 'utf8') })
  }
  return sources
}

/** Changes whenever a file of `path` does: its time, size or identity. */
export async function fingerprint(path: string): Promise<string> {
  try {
    const parts = await Promise.all(
      (await sourcePaths(path)).map(async name => {
        const { mtimeNs, ctimeNs, size, ino } = await stat(name, { bigint: true })
        return `${name} ${mtimeNs} ${ctimeNs} ${size} ${ino}`
      }),
    )
    return parts.join('\n')
  } catch (error) {
    return String(error)
  }
}
