import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DuckDBAppender, DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { DataError } from '#server/data/data-error.ts'
import { schema, schemaVersion } from './schema.ts'

/** Values that are remembered at most: some tens of megabytes. */
const maxRemembered = 500_000

/** Values of a query's columns, each as long as there are rows. */
export type Columns = readonly (readonly unknown[])[]
export type Parameter = string | number

/**
 * An open history file. DuckDB is loaded when the first one is opened, and then works on one thread of its own, within
 * 160 MiB; what needs more goes to a folder beside the file.
 */
export class Database {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  /** Answers since the last write: who follows a long window asks the same again with every scrape. */
  readonly #remembered = new Map<string, Columns>()
  #rememberedValues = 0

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  /** Opens the file, making it when it is not there. Rejects when it is none of ours, or of a newer version. */
  static async open(path: string): Promise<Database> {
    let database: Database | null = null
    try {
      await mkdir(dirname(path), { recursive: false, mode: 0o700 }).catch(ignoreExisting)
      database = await Database.#connect(path)
      await database.#checkVersion()
      return database
    } catch (error) {
      database?.close()
      throw error
    }
  }

  static async #connect(path: string): Promise<Database> {
    const { DuckDBInstance: Instance } = await import('@duckdb/node-api').catch((cause: unknown) => {
      throw new DataError('DuckDB cannot be loaded on this machine', 'do without by --history off', cause)
    })
    const instance = await Instance.create(path, {
      threads: '1',
      memory_limit: '160MiB',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    try {
      return new Database(instance, await instance.connect())
    } catch (error) {
      instance.closeSync()
      throw error
    }
  }

  /** Runs one statement. */
  async run(sql: string, parameters: readonly Parameter[] = []): Promise<void> {
    await this.#connection.run(sql, [...parameters])
  }

  /** Asks, and gives what came back by column. Big integers must be cast to doubles in the query. */
  async columns(sql: string, parameters: readonly Parameter[] = []): Promise<Columns> {
    const id = JSON.stringify([sql, parameters])
    const remembered = this.#remembered.get(id)
    if (remembered !== undefined) return remembered
    const reader = await this.#connection.runAndReadAll(sql, [...parameters])
    const columns = reader.getColumns()
    const values = columns.reduce((total, column) => total + column.length, 0)
    if (this.#rememberedValues + values <= maxRemembered) {
      this.#remembered.set(id, columns)
      this.#rememberedValues += values
    }
    return columns
  }

  /** All that `work` writes becomes part of the file, or nothing of it. */
  async transaction(work: () => Promise<void>): Promise<void> {
    this.#remembered.clear()
    this.#rememberedValues = 0
    await this.run('BEGIN TRANSACTION')
    try {
      await work()
      await this.run('COMMIT')
    } catch (error) {
      await this.run('ROLLBACK').catch(() => {})
      throw error
    }
  }

  /** Appends rows to a table, as part of the transaction. */
  async append(table: string, write: (appender: DuckDBAppender) => void): Promise<void> {
    const appender = await this.#connection.createAppender(table)
    try {
      write(appender)
    } finally {
      appender.closeSync()
    }
  }

  /** Safe twice. */
  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }

  async #checkVersion(): Promise<void> {
    const [tables = []] = await this.columns(
      `SELECT table_name FROM duckdb_tables() WHERE table_name = 'meta'`,
    )
    if (tables.length === 0) {
      await this.transaction(async () => {
        for (const sql of schema) await this.run(sql)
        await this.run(`INSERT INTO meta VALUES ('version', ?), ('file_id', floor(random() * 2 ** 48))`, [
          schemaVersion,
        ])
      })
      return
    }
    const [[version] = []] = await this.columns(`SELECT value FROM meta WHERE name = 'version'`)
    if (version === schemaVersion) return
    const isNewer = typeof version === 'number' && version > schemaVersion
    throw new DataError(
      `expected version ${schemaVersion}, found ${String(version)}${isNewer ? ', of a newer meshscope' : ''}`,
      `${isNewer ? 'run that one, or ' : ''}${moveAway}`,
    )
  }
}

const moveAway = 'move the file away, and history begins anew'

/** What went wrong with a history file, and what helps. */
export function historyError(error: unknown, action: string): DataError {
  return DataError.from(error instanceof DataError ? error : explained(error), action)
}

/** Whether DuckDB says that what it read cannot have been written by it. */
export function isDamage(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error)
  return /not a valid duckdb|corrupt|checksum|deseriali|replaying wal|out of range|magic bytes/i.test(message)
}

function explained(error: unknown): DataError {
  const message = error instanceof Error ? error.message : String(error)
  const reason = message.split('\n')[0]!.trim()
  if (/no space left|disk quota|could not write|disk full/i.test(message)) {
    return new DataError(`the disk is full (${reason})`, 'free some space; it is tried again', error)
  }
  if (isDamage(error)) {
    return new DataError(`the file is damaged (${reason})`, moveAway, error)
  }
  if (/conflicting lock|could not set lock/i.test(message)) {
    return new DataError(`another process has it open (${reason})`, 'end that one', error)
  }
  if (/out of memory|failed to allocate/i.test(message)) {
    return new DataError(`it takes too much memory (${reason})`, 'ask for less at a time', error)
  }
  return new DataError(reason, 'check the disk, or move the file away, and history begins anew', error)
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}
