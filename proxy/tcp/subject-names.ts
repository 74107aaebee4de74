/** What a name in mesh certificates looks like: printable, so that it fits in a header and a label. */
const NAME = /^[A-Za-z0-9._~:/@%*+-]{1,512}$/

/** The DNS and URI names of a certificate's `subjectAltName`, as Node prints it, in their order. */
export function subjectNames(subjectAltName: string | undefined): string[] {
  const names: string[] = []
  for (const part of (subjectAltName ?? '').split(', ')) {
    const colon = part.indexOf(':')
    const kind = part.slice(0, colon)
    const name = part.slice(colon + 1)
    if ((kind === 'DNS' || kind === 'URI') && NAME.test(name)) names.push(name)
  }
  return names
}
