import { randomBytes } from 'node:crypto'
import { link, rename, rm, stat, writeFile } from 'node:fs/promises'
import { anotherPlace, DataError } from './data-error.ts'
import { errorCode } from './error-code.ts'
import { readIfPresent } from './files.ts'

/** Held by one process at a time. */
export interface Lock {
  release(): Promise<void>
}

/** Locks of this process; a file with our own pid for any other lock is of an earlier life. */
const held = new Set<string>()

/**
 * Takes the lock, or takes it over from a process that is gone. Throws a DataError that names the path and the
 * owner's pid while the owner lives.
 */
export async function takeLock(path: string): Promise<Lock> {
  const refuse = (pid: number): Error =>
    new DataError(
      `expected ${path} to be free, found it held by process ${pid}`,
      `stop that one, or ${anotherPlace}`,
    )
  if (held.has(path)) throw refuse(process.pid)
  held.add(path)
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    const mine = { pid: process.pid, startedAt: await startOf(process.pid) }
    await writeFile(draft, `${JSON.stringify(mine)}\n`, { mode: 0o600 })
    if (!(await linkIfFree(draft, path))) {
      await underGuard(path, async () => {
        const pid = await livingOwner((await readIfPresent(path)) ?? '')
        if (pid !== null) throw refuse(pid)
        await rename(draft, path)
      })
    }
  } catch (error) {
    held.delete(path)
    throw error
  } finally {
    await rm(draft, { force: true })
  }
  return { release: () => release(path) }
}

async function release(path: string): Promise<void> {
  if (!held.delete(path)) return
  await rm(path, { force: true })
}

async function linkIfFree(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** A guard older than this was left by a crash; what is done under it takes milliseconds. */
const staleGuardMs = 10_000

/** Runs `action` while no other process does, so that two never take over the same stale lock. */
async function underGuard(path: string, action: () => Promise<void>): Promise<void> {
  const guard = `${path}.takeover`
  try {
    await writeFile(guard, '', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    const { mtimeMs } = await stat(guard).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs < staleGuardMs) {
      throw new DataError(`expected ${path} to be free, found another process taking it`, 'try again')
    }
  }
  try {
    await action()
  } finally {
    await rm(guard, { force: true })
  }
}

/** The pid of the process that a lock names, if it lives; the caller does not hold the lock. */
async function livingOwner(content: string): Promise<number | null> {
  const owner = parseOwner(content)
  if (owner === null) return null
  if (owner.pid === process.pid) return null
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    // A process of another user is alive too.
    if (errorCode(error) !== 'EPERM') return null
  }
  const startedAt = await startOf(owner.pid)
  const samePid = owner.startedAt === null || startedAt === null || owner.startedAt === startedAt
  return samePid ? owner.pid : null
}

function parseOwner(content: string): { pid: number; startedAt: string | null } | null {
  try {
    const value: unknown = JSON.parse(content)
    if (typeof value !== 'object' || value === null || !('pid' in value)) return null
    const startedAt = 'startedAt' in value && typeof value.startedAt === 'string' ? value.startedAt : null
    return Number.isInteger(value.pid) && Number(value.pid) > 0 ? { pid: Number(value.pid), startedAt } : null
  } catch {
    return null
  }
}

/** When a process started, in the kernel's ticks, to tell it from a later one of the same pid; `null` off Linux. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readIfPresent(`/proc/${pid}/stat`)
    // The process's name, in parentheses, may hold spaces; fields are counted after it.
    return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
