import { chmod, statfs } from 'node:fs/promises'
import { anotherPlace, DataError } from './data-error.ts'
import { makeFolders, readIfPresent, writeWhole } from './files.ts'
import { dataVersion, layout } from './layout.ts'
import { type Lock, takeLock } from './lock.ts'

/** An open data directory; its roles are this process's until it is closed. */
export interface DataDirectory {
  readonly path: string
  /** Gives the roles back. Safe twice. */
  close(): Promise<void>
}

export interface DataDirectoryOptions {
  readonly path: string
  /** What this process does here: `control`, `collect`. Each is one process's at a time. */
  readonly roles: readonly string[]
  /** Below this much free space the directory is refused. */
  readonly minFreeBytes?: number
}

/** What a day of a small mesh's history needs, with room to spare. */
const defaultMinFreeBytes = 64 * 1024 * 1024

/**
 * Opens the data directory, making it when it is not there. Throws an error for people when it is of a newer version,
 * another process has one of the roles, the disk is nearly full, or it cannot be written.
 */
export async function openDataDirectory(options: DataDirectoryOptions): Promise<DataDirectory> {
  const { path, roles, minFreeBytes = defaultMinFreeBytes } = options
  try {
    await makeFolders(path)
    await chmod(path, 0o700)
    await checkFreeSpace(path, minFreeBytes)
    await checkVersion(path)
    await makeFolders(layout.locks(path))
  } catch (error) {
    throw DataError.from(error, `open data directory ${path}`)
  }
  const locks: Lock[] = []
  const close = async (): Promise<void> => {
    for (const lock of locks.splice(0)) await lock.release()
  }
  try {
    for (const role of roles) {
      const lock = await takeLock(layout.lock(path, role)).catch((error: unknown) => {
        throw DataError.from(error, `run ${role} in data directory ${path}`)
      })
      locks.push(lock)
    }
  } catch (error) {
    await close()
    throw error
  }
  return { path, close }
}

async function checkVersion(path: string): Promise<void> {
  const file = layout.version(path)
  const written = await readIfPresent(file)
  if (written === null) return writeWhole(file, `${dataVersion}\n`, 0o600)
  const version = /^\d{1,9}$/.test(written.trim()) ? Number(written) : Number.NaN
  if (version >= 1 && version <= dataVersion) return
  const found = JSON.stringify(written.trim().slice(0, 40))
  const hint = version > dataVersion ? ', of a newer meshscope' : ''
  const cure = version > dataVersion ? `run that one, or ${anotherPlace}` : anotherPlace
  throw new DataError(`expected version ${dataVersion}, found ${found}${hint}`, cure)
}

async function checkFreeSpace(path: string, minFreeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path)
  const freeBytes = bavail * bsize
  if (freeBytes >= minFreeBytes) return
  const mebibytes = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MiB`
  throw new DataError(
    `expected ${mebibytes(minFreeBytes)} of free space, found ${mebibytes(freeBytes)}`,
    `free some, or ${anotherPlace}`,
  )
}
