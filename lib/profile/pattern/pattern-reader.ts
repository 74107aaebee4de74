/** Reads a pattern's source from its begin to its end, and says where it is wrong. */
export class PatternReader {
  /** In units of UTF-16, as messages count. */
  at = 0

  constructor(readonly source: string) {}

  get isOver(): boolean {
    return this.at >= this.source.length
  }

  /** The next character, as a whole; empty at the end. */
  char(): string {
    const code = this.source.codePointAt(this.at)
    return code === undefined ? '' : String.fromCodePoint(code)
  }

  skip(char: string): void {
    this.at += char.length
  }

  sees(text: string): boolean {
    return this.source.startsWith(text, this.at)
  }

  takes(text: string): boolean {
    if (!this.sees(text)) return false
    this.at += text.length
    return true
  }

  match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at
    const found = sticky.exec(this.source)
    if (found !== null) this.at += found[0].length
    return found
  }

  fault(part: string, what: string, at = this.at): RangeError {
    return new RangeError(`"${part}" at ${at} ${what}`)
  }
}
