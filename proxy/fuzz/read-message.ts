/** A request as a parser read it; texts hold one character a byte. */
export interface ReadRequest {
  readonly method: string
  /** As it came, whichever its form. */
  readonly target: string
  readonly isHttp10: boolean
  /** Name, value, name, value, as they came. */
  readonly headers: readonly string[]
  body: string
  trailers: readonly string[]
  isWhole: boolean
}

/** What a parser made of one connection's bytes. */
export interface ReadRequests {
  readonly requests: readonly ReadRequest[]
  /** Why it read no further; `null`: it would. */
  readonly fault: string | null
  /** A request was the last of its connection, or left HTTP: what follows is not read. */
  readonly isOver: boolean
}
