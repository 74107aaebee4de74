/** Stands for the path prefix in the built pages; the server puts the real one in its place when it sends them. */
export const basePathPlaceholder = '/__meshscope__'

const maxLength = 256
/** Only characters that mean nothing in HTML, CSS, JSON, a header, or a script's string. */
const segments = /^(\/[A-Za-z0-9_~:@-][A-Za-z0-9._~:@-]*)+$/

/**
 * The path prefix that a text names, with a slash before each part and none at its end (`/team/mesh`); `''` for the root,
 * `null` for what cannot be a prefix.
 */
export function readBasePath(text: string): string | null {
  const path = text.replace(/\/$/, '')
  if (path === '') return ''
  return path.length <= maxLength && segments.test(path) ? path : null
}
