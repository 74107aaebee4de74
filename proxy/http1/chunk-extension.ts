import { TOKEN } from './characters.ts'

const SEMICOLON = 0x3b
const EQUALS = 0x3d
const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20
const DELETE = 0x7f

/** Where in `;name=value;name="value"` (RFC 9112, 7.1.1) a reader is. */
export type ExtensionPart = 'semicolon' | 'name' | 'value' | 'quoted' | 'quoted end'

/**
 * The part that `byte` leads to from `part`; `null` when it may not stand there. Nothing is escaped, and no blank
 * stands outside of quotes: some servers read such lines in ways of their own.
 */
export function nextExtensionPart(part: ExtensionPart, byte: number): ExtensionPart | null {
  if (part === 'quoted') {
    if (byte === QUOTE) return 'quoted end'
    return byte >= SPACE && byte < DELETE && byte !== BACKSLASH ? 'quoted' : null
  }
  if (byte === SEMICOLON) return part === 'semicolon' ? null : 'semicolon'
  switch (part) {
    case 'semicolon':
      return TOKEN[byte] === 1 ? 'name' : null
    case 'name':
      if (byte === EQUALS) return 'value'
      return TOKEN[byte] === 1 ? 'name' : null
    case 'value':
      if (byte === QUOTE) return 'quoted'
      return TOKEN[byte] === 1 ? 'value' : null
    case 'quoted end':
      return null
  }
}

/** Whether the line may end here. */
export function mayEndAfter(part: ExtensionPart): boolean {
  return part === 'name' || part === 'value' || part === 'quoted end'
}
