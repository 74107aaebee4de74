/** What became of the requests and connections of a load. */
export interface LoadResult {
  /** By protocol. */
  readonly sent: Record<'http1' | 'http2' | 'grpc' | 'tcp', number>
  /** Left by their client after the first bytes of their answer. */
  aborted: number
  /** Each that got no answer, or another's. */
  readonly wrong: string[]
}

/** One client's next turn; `turn` counts them. */
export type Turn = (token: string, turn: number) => Promise<'answered' | 'aborted'>

const MAX_WRONG = 20

/** How many clients take turns of a kind, and how. */
export interface LoadKind {
  readonly protocol: keyof LoadResult['sent']
  readonly clients: number
  readonly turn: Turn
}

/** Lets all clients take turns until `isOver`, each its next when the one before is over. */
export async function runLoad(kinds: readonly LoadKind[], isOver: () => boolean): Promise<LoadResult> {
  const result: LoadResult = { sent: { http1: 0, http2: 0, grpc: 0, tcp: 0 }, aborted: 0, wrong: [] }
  const client = async ({ protocol, turn }: LoadKind, name: number) => {
    for (let i = 0; !isOver() && result.wrong.length < MAX_WRONG; i++) {
      result.sent[protocol]++
      const token = `${protocol}.${name}.${i}`
      try {
        if ((await turn(token, i)) === 'aborted') result.aborted++
      } catch (error) {
        result.wrong.push(`${token}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
  await Promise.all(
    kinds.flatMap(kind => Array.from({ length: kind.clients }, (_, name) => client(kind, name))),
  )
  return result
}

/** What a client asks for in its turn. */
export function pathOf(turn: number): string {
  return ['/', '/sum', '/', '/pieces', '/', '/', '/', turn % 16 === 7 ? '/endless' : '/'][turn % 8] ?? '/'
}

export const BODY_BYTES = 100_000
