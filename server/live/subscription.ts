import type { Topic } from '#lib/api/endpoints.ts'
import type { ClientRoom, LiveSocket } from './client.ts'
import type { Follower, Question, QuestionBoard, Step } from './question-board.ts'

/** How much of its question a client holds. */
type Held =
  /** Its acknowledgement comes first. */
  | { readonly kind: 'unsent' }
  /** The newest revision has been sent. */
  | { readonly kind: 'current' }
  /** It waits for a snapshot, and was spared so many updates. */
  | { readonly kind: 'behind'; readonly skipped: number }
  /** It was told that its question failed, and waits for a snapshot. */
  | { readonly kind: 'failed'; readonly message: string }

export interface SubscriptionOptions {
  readonly topic: Topic
  readonly params: Readonly<Record<string, string>>
  readonly board: QuestionBoard
  readonly socket: LiveSocket
  readonly room: ClientRoom
  /** Called for each update that a slow client is spared. */
  readonly onSkip: () => void
}

/** One client's interest in one question. Nothing is sent before the first `sendNow`. */
export class Subscription implements Follower {
  readonly id: string
  readonly #options: SubscriptionOptions
  #question: Question | null = null
  #held: Held = { kind: 'unsent' }

  /** Rejects with a QuestionError when the question has no answer. */
  static async open(id: string, options: SubscriptionOptions): Promise<Subscription> {
    const subscription = new Subscription(id, options)
    const { board, topic, params } = options
    subscription.#question = await board.follow(topic, params, subscription)
    return subscription
  }

  private constructor(id: string, options: SubscriptionOptions) {
    this.id = id
    this.#options = options
  }

  end(): void {
    if (this.#question) this.#options.board.leave(this.#question, this)
    this.#question = null
  }

  take(step: Step): void {
    if (this.#held.kind === 'unsent') return
    const { room, socket, onSkip } = this.#options
    if (!room.hasRoom) {
      const skipped = this.#held.kind === 'behind' ? this.#held.skipped : 0
      this.#held = { kind: 'behind', skipped: skipped + 1 }
      onSkip()
      return
    }
    if (step.kind === 'failed') {
      const { message } = step.failure
      if (this.#held.kind === 'failed' && this.#held.message === message) return
      this.#held = { kind: 'failed', message }
      socket.emit('failed', { subscription: this.id, error: step.failure })
    } else if (step.kind === 'replaced' || this.#held.kind !== 'current') {
      this.#sendSnapshot()
    } else {
      const { base, revision, changes } = step
      socket.emit('update', { subscription: this.id, base, revision, ...changes })
    }
  }

  /** Sends the whole answer now; with a later round when many such messages wait to be read. */
  sendNow(): void {
    if (this.#options.room.takeDirect()) this.#sendSnapshot()
    else if (this.#held.kind === 'unsent' || this.#held.kind === 'current')
      this.#held = { kind: 'behind', skipped: 0 }
  }

  #sendSnapshot(): void {
    const { socket } = this.#options
    const state = this.#question?.state
    if (state?.kind !== 'answered') {
      this.#held = { kind: 'behind', skipped: 0 }
      return
    }
    if (this.#held.kind === 'behind' && this.#held.skipped > 0) {
      socket.emit('lagged', { subscription: this.id, skipped: this.#held.skipped })
    }
    this.#held = { kind: 'current' }
    socket.emit('snapshot', { subscription: this.id, revision: state.revision, data: state.data })
  }
}
