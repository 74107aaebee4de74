/**
 * The number that a Kubernetes quantity stands for, as weights use them: `900m` is 0.9, `1`, `0.5`, `2k`.
 * `undefined` for a negative one and for any other text.
 */
export function parseQuantity(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,9})?)([mk]?)$/.exec(text)
  if (match === null) return undefined
  const number = Number(match[1])
  if (match[2] === 'm') return number / 1000
  return match[2] === 'k' ? number * 1000 : number
}
