/** The answer to `/env.json`: all variables, or those named in the query (`?A&B`); 406 when JSON is not accepted. */
export function environmentAnswer(
  environment: Readonly<Record<string, string>>,
  search: string,
  accept: string | undefined,
): { readonly status: 200 | 406; readonly body: string } {
  if (accept !== undefined && !/application\/(json|\*)|\*\/\*/.test(accept)) {
    return { status: 406, body: 'expected to send application/json\n' }
  }
  const names = [...new URLSearchParams(search).keys()]
  const shown =
    names.length === 0
      ? environment
      : Object.fromEntries(names.map(name => [name, environment[name] ?? null]))
  return { status: 200, body: `${JSON.stringify(shown, null, 2)}\n` }
}
