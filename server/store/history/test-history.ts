import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type History, openHistory } from './history.ts'

const closers: (() => Promise<void>)[] = []

/** Closes the histories that tests opened, and removes their files. */
export async function closeHistories(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
}

/** A place for the file of a history; `closeHistories` removes it. */
export async function historyPath(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'meshscope-history-'))
  closers.push(() => rm(root, { recursive: true, force: true }))
  return join(root, 'history', 'history.duckdb')
}

/** A history, new unless the path is that of an earlier one. */
export async function openTestHistory(path?: string, intervalMs = 5_000): Promise<History> {
  const history = await openHistory({ path: path ?? (await historyPath()), intervalMs })
  closers.push(() => history.close())
  return history
}
