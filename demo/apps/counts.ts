import type { ServerResponse } from 'node:http'
import { reply } from './reply.ts'

/** What an app saw itself, to be compared with what the mesh says: `GET /counts` answers it. */
export class Counts {
  #ended = 0
  #succeeded = 0

  /** One request ended, well or not. */
  add(isSuccess: boolean): void {
    this.#ended++
    if (isSuccess) this.#succeeded++
  }

  reply(response: ServerResponse): void {
    reply(response, 200, { ended: this.#ended, succeeded: this.#succeeded })
  }
}
