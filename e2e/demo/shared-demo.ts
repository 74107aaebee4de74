import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { appHost } from '#demo/launch/apps.ts'
import { movedMesh, type Run, runDemo, temporaryDirectory } from '#e2e/support/demo.ts'
import { get } from '#e2e/support/requests.ts'

/** What an app has counted itself. */
export interface Counts {
  readonly ended: number
  readonly succeeded: number
}

interface OwnCounts extends Counts {
  /** Begun and not ended, of apps that count what they ask for. */
  readonly underWay: number
}

/** One demo, calm, for all tests of a file: it starts before the first and has ended after the last. */
export class SharedDemo {
  readonly directory = temporaryDirectory()
  readonly dataDirectory = join(this.directory.path, 'data')
  readonly meshFile = join(this.directory.path, 'mesh.yaml')
  base = ''
  subnet = ''
  #run: Run | null = null

  constructor() {
    beforeAll(async () => {
      const { file, subnet } = await movedMesh(this.directory.path)
      this.subnet = subnet
      const where = ['--port', '0', '--data-dir', this.dataDirectory]
      this.#run = runDemo(['--steady', '--mesh-file', file, ...where])
      this.base = await this.#run.address()
    })
    afterAll(async () => {
      this.#run?.interrupt()
      await this.#run?.ended
      this.directory.remove()
    })
  }

  get port(): number {
    return Number(new URL(this.base).port)
  }

  get run(): Run {
    if (this.#run === null) throw new Error('The demo has not been started')
    return this.#run
  }

  /** What the app of the pod with this last number in its address has counted. */
  async countsOf(host: number): Promise<OwnCounts> {
    const { body } = await get({ host: appHost(`${this.subnet}.${host}`), port: 8080, path: '/counts' })
    return JSON.parse(body) as OwnCounts
  }
}
