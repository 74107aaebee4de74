/** Whether things of a kind lie in a namespace, so that one has to be asked for. */
export function isNamespaced(kind: string): boolean {
  return kind !== 'namespace' && kind !== 'mesh'
}
