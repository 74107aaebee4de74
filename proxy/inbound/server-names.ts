/** Names that are told apart. */
const MAX_NAMES = 64
const NAME = /^[\w.-]{1,253}$/
/** The label of a name beyond the bound, and of what is no name. */
const OTHER = 'other'

/** The server names of TLS that is passed on, as labels: clients choose them, so that only the first are told apart. */
export class ServerNames {
  private readonly known = new Set<string>()

  /** The name itself, in lower case, or `other`. */
  label(serverName: string): string {
    const name = serverName.toLowerCase()
    if (this.known.has(name)) return name
    if (this.known.size >= MAX_NAMES || !NAME.test(name)) return OTHER
    this.known.add(name)
    return name
  }
}
