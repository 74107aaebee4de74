/** Something to choose from a list that is searched by typing. */
export interface Choice {
  readonly id: string
  /** What it is called, and searched by. */
  readonly words: string
  /** More to search by that is not shown. */
  readonly also?: string
  /** A few quiet words at the end of its line. */
  readonly aside?: string
  readonly isChosen?: boolean
}

export interface ChoiceGroup {
  /** Empty for choices that need no heading. */
  readonly title: string
  readonly choices: readonly Choice[]
}

/**
 * The choices in which every word of `query` occurs, best first within their group: those that begin with it, then
 * those with a part that does, then the others. At most `limit` of each group, and no group without any.
 */
export function findChoices(groups: readonly ChoiceGroup[], query: string, limit: number): ChoiceGroup[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  return groups
    .map(({ title, choices }) => ({
      title,
      choices: choices
        .map(choice => ({ choice, rank: rankOf(choice, words) }))
        .filter(({ rank }) => rank !== null)
        .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
        .slice(0, limit)
        .map(({ choice }) => choice),
    }))
    .filter(({ choices }) => choices.length > 0)
}

/** Lower is better; `null` when a word does not occur. */
function rankOf(choice: Choice, words: readonly string[]): number | null {
  const name = choice.words.toLowerCase()
  const text = `${name} ${choice.also?.toLowerCase() ?? ''}`
  let rank = 0
  for (const word of words) {
    const at = text.indexOf(word)
    if (at < 0) return null
    rank += name === word ? 0 : name.startsWith(word) ? 1 : startsPart(text, word) ? 2 : 3
  }
  return rank
}

/** Whether a part of `text`, as split by blanks, slashes, dashes and the like, begins with `word`. */
function startsPart(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || /[^a-z0-9]/.test(text[at - 1] ?? '')) return true
  }
  return false
}
