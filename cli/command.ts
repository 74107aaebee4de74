/** What a command has of the world around it. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether what is printed is looked at by a person who sees colours. */
  readonly colours: boolean
  /** Data. */
  print(text: string): void
  /** Everything that is not data. */
  complain(text: string): void
  /** Calls back when the person asks it to end (Ctrl-C); until the way to stop, which it returns, is used. */
  onInterrupt(listener: () => void): () => void
}

/** One command. `run` prints, and throws `UsageError` or `ApiError` when it cannot. */
export interface Command {
  readonly name: string
  readonly summary: string
  readonly help: string
  run(args: readonly string[], terminal: Terminal): Promise<void>
}

/** What was printed says that something fails: nothing has to be added. */
export class FailedChecks extends Error {
  override readonly name = 'FailedChecks'
}

/** Arguments that make no sense; the message says what was expected and what came. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
