/** What a pattern may ask of a place in the text without taking a character. */
export type Look =
  | 'begin'
  | 'end'
  | 'word boundary'
  | 'no word boundary'
  | 'word start'
  | 'word end'
  | 'no word before'
  | 'no word after'

/** A place between two characters of a text, before its first or after its last. */
export interface Place {
  readonly isBegin: boolean
  readonly isEnd: boolean
  /** Whether the character before it, and the one after it, is of a word. */
  readonly isAfterWord: boolean
  readonly isBeforeWord: boolean
}

export function holdsAt(look: Look, { isAfterWord, isBeforeWord, isBegin, isEnd }: Place): boolean {
  switch (look) {
    case 'begin':
      return isBegin
    case 'end':
      return isEnd
    case 'word boundary':
      return isAfterWord !== isBeforeWord
    case 'no word boundary':
      return isAfterWord === isBeforeWord
    case 'word start':
      return !isAfterWord && isBeforeWord
    case 'word end':
      return isAfterWord && !isBeforeWord
    case 'no word before':
      return !isAfterWord
    case 'no word after':
      return !isBeforeWord
  }
}

export function asksForWords(look: Look): boolean {
  return look !== 'begin' && look !== 'end'
}
