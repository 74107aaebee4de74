import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DataError } from './data-error.ts'
import { errorCode } from './error-code.ts'

/** The file's text; `null` when it is not there. */
export async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

/**
 * Makes a folder and those above it that are missing, for their owner alone. Node's own recursive way never returns
 * where the system lets nobody make a folder (`/proc`). Rejects with a DataError.
 */
export async function makeFolders(path: string): Promise<void> {
  try {
    await makeEach(path)
  } catch (error) {
    throw DataError.from(error, `make folder ${path}`)
  }
}

async function makeEach(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const above = dirname(path)
    const code = errorCode(error)
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || above === path || (await isThere(above))) throw error
    await makeEach(above)
    await makeEach(path)
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

/**
 * Replaces the file whole: a reader sees the old content or the new, never a part. Unless `durable` is false, a crash
 * of the machine doesn't undo it once it is done. Rejects with a DataError.
 */
export async function writeWhole(
  path: string,
  content: string,
  mode: number,
  { durable = true }: { durable?: boolean } = {},
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    const file = await open(draft, 'wx', mode)
    try {
      await file.chmod(mode)
      await file.writeFile(content)
      if (durable) await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw DataError.from(error, `write ${path}`)
  }
}
