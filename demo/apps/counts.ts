import type { ServerResponse } from 'node:http'
import { reply } from './reply.ts'

/** What an app saw itself, to be compared with what the mesh says: `GET /counts` answers it. */
export class Counts {
  #ended = 0
  #succeeded = 0
  #underWay = 0

  /** One request ended, well or not. */
  add(isSuccess: boolean): void {
    this.#ended++
    if (isSuccess) this.#succeeded++
  }

  /** One request has begun; it is added when it has ended. */
  async addWhenEnded(isSuccess: Promise<boolean>): Promise<void> {
    this.#underWay++
    const outcome = await isSuccess
    this.#underWay--
    this.add(outcome)
  }

  reply(response: ServerResponse): void {
    reply(response, 200, { ended: this.#ended, succeeded: this.#succeeded, underWay: this.#underWay })
  }
}
