import { shellWord } from '#components/ui/shell-word.ts'
import { shortKind } from '#lib/resources/kinds.ts'

/** More names than this make no line that can be read. */
const mostNamed = 8

/** The command that prints these resources of one namespace; of very many, all of the `usual` type. */
export function rowsCommand(
  rows: readonly { readonly resource: { readonly kind: string; readonly name: string } }[],
  usual: string,
  flags: string,
): string {
  const names = rows.map(({ resource: { kind, name } }) => shellWord(`${shortKind(kind)}/${name}`))
  const isShort = names.length > 0 && names.length <= mostNamed
  return `meshscope stat ${isShort ? names.join(' ') : usual} ${flags} --unmeshed`
}
