/** What can go wrong in the sample mesh: by the story, or because somebody asked for it. */
export const troubles = [
  'payments-slow',
  'recommendations-v2-fails',
  'catalog-replica-dead',
  'scraper-bursts',
  'payments-broken',
  'catalog-broken',
  'recommendations-broken',
  'users-broken',
] as const
export type Trouble = (typeof troubles)[number]

/** What somebody can break at will. */
export const breakables = ['payments', 'catalog', 'recommendations', 'users'] as const
export type Breakable = (typeof breakables)[number]

/** The name as one that can be broken; throws when it cannot. */
export function breakable(name: string): Breakable {
  const found = breakables.find(each => each === name)
  if (!found) throw new Error(`Cannot break ${name}: expected one of ${breakables.join(', ')}`)
  return found
}
