import { request as httpRequest, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Registry } from 'prom-client'
import { basePathPlaceholder } from '#lib/api/base-path.ts'
import { createGolden } from '#server/golden/golden.ts'
import { addMarker } from '#server/golden/markers.ts'
import { createTestMesh, runTestTraffic, type TestMesh } from '#server/golden/test-mesh.ts'
import { createLog } from '#server/log.ts'
import { createDoors } from './doors.ts'
import { closeHttp, createHttp, listen } from './http.ts'
import { finished } from './pages.ts'

interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  json(): { error?: { code: string; message: string; hint: string }; [name: string]: unknown }
}

/** What every address but two shows: `/` leads to `/namespaces`, `/big.js` is a long file. */
export const pageUnder = (prefix: string): string =>
  `<!doctype html><script>one()</script><script src="${prefix}/a.js"></script><script>go("${prefix}/a")</script>`

const built = pageUnder(basePathPlaceholder)
const bigFile = `let x = "${basePathPlaceholder}";`.repeat(2_000)
const pages: Parameters<typeof finished>[0] = async (request, response) => {
  const isBig = request.url === `${basePathPlaceholder}/big.js`
  response.setHeader('content-type', isBig ? 'application/javascript' : 'text/html')
  if (request.url === basePathPlaceholder) {
    response.statusCode = 307
    response.setHeader('location', `${basePathPlaceholder}/namespaces`)
    response.removeHeader('content-type')
    response.end(`${basePathPlaceholder}/namespaces`)
    return
  }
  response.setHeader('etag', '"as-built"')
  response.write(isBig ? bigFile : built.slice(0, 20))
  response.end(isBig ? '' : built.slice(20))
}

/** The dashboard's server on a free port, before a mesh with some traffic and the pages above. */
export class TestHttp {
  /** Why it is not ready; to be filled. */
  readonly unready: string[] = []
  readonly server: Server
  readonly #mesh: TestMesh

  private constructor(mesh: TestMesh) {
    this.#mesh = mesh
    this.server = createHttp({
      golden: createGolden(mesh),
      commands: { addMarker: body => addMarker(mesh, body) },
      doors: createDoors(/^(localhost|127\.0\.0\.1)(:\d+)?$/),
      registry: new Registry(),
      basePath: '',
      log: createLog(() => {}, Date.now),
      version: '1.2.3',
      mesh: () => mesh.platform.current(),
      unready: () => this.unready,
      pages: finished(pages),
    })
  }

  static async start(): Promise<TestHttp> {
    const mesh = createTestMesh()
    runTestTraffic(mesh)
    const http = new TestHttp(mesh)
    await listen(http.server, '127.0.0.1', 0, true)
    return http
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    await closeHttp(this.server)
    await this.#mesh.store.close()
  }

  get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
    return new Promise((done, fail) => {
      const request = httpRequest(
        { host: '127.0.0.1', port: this.port, path, method, headers, agent: false },
        response => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const body = Buffer.concat(chunks)
            done({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body,
              json: () => JSON.parse(body.toString()),
            })
          })
        },
      )
      request.on('error', fail)
      request.end()
    })
  }

  /** Sends these bytes as they are, and gives the status of what comes back. */
  statusOf(bytes: string): Promise<number> {
    return new Promise((done, fail) => {
      let answer = ''
      const socket = connect(this.port, '127.0.0.1', () => socket.write(bytes))
      socket.on('data', chunk => {
        answer += chunk.toString()
      })
      socket.on('close', () => done(Number(answer.split(' ')[1])))
      socket.on('error', fail)
    })
  }
}
