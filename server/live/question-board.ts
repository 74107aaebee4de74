import type { Topic } from '#lib/api/endpoints.ts'
import type { ErrorCode } from '#lib/api/error-codes.ts'
import { paceMs } from '#lib/metrics/pace.ts'
import type { Golden } from '#server/golden/golden.ts'
import { QuestionError } from '#server/golden/question-error.ts'
import type { Log } from '#server/log.ts'
import { nextTurn } from '#server/next-turn.ts'
import { StoreError } from '#server/store/store-error.ts'
import { type Changes, changesBetween, type Taken, takeApart } from './answer-diff.ts'

export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
}

/** The newest answer to a question; each later one has the next revision. */
interface Answered {
  readonly kind: 'answered'
  readonly revision: number
  readonly data: unknown
  readonly taken: Taken
}

type QuestionState =
  | Answered
  | { readonly kind: 'failed'; readonly revision: number; readonly failure: Failure }

/** What a round did to a question. */
export type Step =
  | { readonly kind: 'changed'; readonly base: number; readonly revision: number; readonly changes: Changes }
  /** Rows alone don't tell it: followers need the whole answer. */
  | { readonly kind: 'replaced' }
  | { readonly kind: 'failed'; readonly failure: Failure }

export interface Follower {
  take(step: Step): void
}

/** One question that someone follows. Equal questions are one. */
export interface Question {
  readonly key: string
  readonly topic: Topic
  readonly params: Readonly<Record<string, string>>
  readonly followers: Set<Follower>
  state: QuestionState
  /** When it is asked again at the earliest: over a long time not with each round. */
  dueMs: number
}

export interface BoardOptions {
  readonly golden: Golden
  readonly log: Log
  /** Called before each round's first step. */
  readonly onRoundStart: () => void
  /** Unix milliseconds. */
  readonly nowMs: () => number
}

const maxQuestions = 500

/**
 * The questions that clients follow, each asked once per round, or once in several over a long time, however many follow
 * it. At most 500.
 */
export class QuestionBoard {
  readonly #options: BoardOptions
  readonly #questions = new Map<string, Question>()
  readonly #first = new Map<string, Promise<Question>>()
  #round: Promise<void> | null = null
  #isRoundDue = false

  constructor(options: BoardOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#questions.size
  }

  /** How many follow something. */
  get followerCount(): number {
    let count = 0
    for (const { followers } of this.#questions.values()) count += followers.size
    return count
  }

  /** The question, answered, with one more follower. Rejects with a QuestionError when it has no answer. */
  async follow(
    topic: Topic,
    params: Readonly<Record<string, string>>,
    follower: Follower,
  ): Promise<Question> {
    const normal = normalised(params)
    const key = `${topic}?${new URLSearchParams(normal)}`
    const known = this.#questions.get(key)
    if (known?.state.kind === 'failed') await this.#askAgain(known)
    const found = known ?? (await this.#askFirst(key, topic, normal))
    // Its last follower may have left, or another may have asked it, while this one waited.
    const question = this.#questions.get(key) ?? found
    if (question.state.kind === 'failed') {
      const { code, message, hint } = question.state.failure
      throw new QuestionError(code, message, hint)
    }
    this.#questions.set(key, question)
    question.followers.add(follower)
    return question
  }

  /** Stops following. A question without followers is asked no more. */
  leave(question: Question, follower: Follower): void {
    question.followers.delete(follower)
    if (question.followers.size === 0 && this.#questions.get(question.key) === question) {
      this.#questions.delete(question.key)
    }
  }

  /** Asks every question anew that is due. A round that falls due during another is held once after it. */
  async round(): Promise<void> {
    this.#isRoundDue = true
    this.#round ??= this.#hold().finally(() => {
      this.#round = null
    })
    await this.#round
  }

  async #hold(): Promise<void> {
    while (this.#isRoundDue) {
      this.#isRoundDue = false
      this.#options.onRoundStart()
      for (const question of this.#questions.values()) {
        if (this.#options.nowMs() < question.dueMs) continue
        await this.#askAgain(question)
        // A round of many questions holds up nobody for longer than one of them takes.
        await nextTurn()
      }
    }
  }

  #askFirst(key: string, topic: Topic, params: Readonly<Record<string, string>>): Promise<Question> {
    const asking = this.#first.get(key)
    if (asking) return asking
    if (this.#questions.size + this.#first.size >= maxQuestions) {
      throw new QuestionError(
        'TOO_MANY_SUBSCRIPTIONS',
        `Cannot follow another question: ${maxQuestions} are followed`,
        'Close a page, or ask over REST',
      )
    }
    const first = this.#options.golden
      .ask(topic, params)
      .then((data): Question => {
        const taken = takeApart(data)
        const state: Answered = { kind: 'answered', revision: 1, data, taken }
        return { key, topic, params, followers: new Set(), state, dueMs: this.#dueMs(taken) }
      })
      .finally(() => this.#first.delete(key))
    this.#first.set(key, first)
    return first
  }

  async #askAgain(question: Question): Promise<void> {
    const step = await this.#nextStep(question)
    for (const follower of question.followers) follower.take(step)
  }

  async #nextStep(question: Question): Promise<Step> {
    try {
      const data = await this.#options.golden.ask(question.topic, question.params)
      const taken = takeApart(data)
      const before = question.state
      const revision = before.revision + 1
      question.state = { kind: 'answered', revision, data, taken }
      question.dueMs = this.#dueMs(taken)
      const changes = before.kind === 'answered' ? changesBetween(before.taken, taken) : null
      return changes ? { kind: 'changed', base: before.revision, revision, changes } : { kind: 'replaced' }
    } catch (error) {
      const failure = toFailure(error, this.#options.log, question.key)
      question.state = { kind: 'failed', revision: question.state.revision, failure }
      return { kind: 'failed', failure }
    }
  }

  #dueMs({ span }: Taken): number {
    return this.#options.nowMs() + paceMs(Date.parse(span.end) - Date.parse(span.start))
  }
}

/** What a client is told of a question that failed; unexpected failures are logged, and told without their inside. */
export function toFailure(error: unknown, log: Log, key: string): Failure {
  if (error instanceof QuestionError || error instanceof StoreError) {
    return { code: error.code, message: error.message, hint: error.hint }
  }
  log.error('question failed', { question: key, error: error instanceof Error ? error.stack : String(error) })
  return { code: 'INTERNAL', message: 'The server failed to answer', hint: 'Its log says why' }
}

/** Equal for equal questions: in order of name, without empty values. */
function normalised(params: Readonly<Record<string, string>>): Record<string, string> {
  const given = Object.entries(params).filter(([, value]) => value !== '')
  return Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1)))
}
