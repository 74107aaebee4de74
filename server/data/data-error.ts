import { errorCode } from './error-code.ts'

/** What helps against anything that is wrong with a data directory. */
export const anotherPlace = 'choose another place with --data-dir'

/** What is wrong with a data directory, and what helps; `from` adds what was to be done, and where. */
export class DataError extends Error {
  override readonly name = 'DataError'

  readonly reason: string
  readonly cure: string

  constructor(reason: string, cure: string, cause?: unknown) {
    super(`${reason}; ${cure}`, { cause })
    this.reason = reason
    this.cure = cure
  }

  /** Any failure as `Cannot <action>: <reason>; <cure>`. */
  static from(error: unknown, action: string): DataError {
    if (error instanceof DataError) {
      return new DataError(`Cannot ${action}: ${error.reason}`, error.cure, error)
    }
    const reason = error instanceof Error ? error.message : String(error)
    const cure = cures[errorCode(error)]
    const advice = cure === undefined ? anotherPlace : `${cure}, or ${anotherPlace}`
    return new DataError(`Cannot ${action}: ${reason}`, advice, error)
  }
}

const ownIt = 'make it writable for the user that runs this'
const cures: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space',
  EDQUOT: 'free some space',
  EACCES: ownIt,
  EPERM: ownIt,
  EROFS: 'make it writable',
  EIO: 'check the disk',
  EMFILE: 'allow more open files',
  ENFILE: 'allow more open files',
}
