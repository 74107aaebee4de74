import { basename } from 'node:path'
import type { Demo } from './demo.ts'
import { dataDirectoryFlag, type Flags } from './flags.ts'
import { followMesh } from './launch/follow-mesh.ts'
import { Mesh } from './launch/mesh.ts'
import { readMesh } from './launch/read-mesh.ts'
import { postMarker } from './post-marker.ts'
import { serveRemote } from './remote.ts'
import { Story } from './story.ts'
import { thingsToTry } from './things-to-try.ts'
import { breakable } from './trouble.ts'

/** The sample apps with their proxies, the story that is told with them, and the dashboard. */
export class SampleDemo implements Demo {
  readonly #flags: Flags
  readonly #lost: () => void
  #mesh: Mesh | null = null
  readonly #open: { close(): void }[] = []

  /** `lost` is called when something ended that the rest cannot do without. */
  constructor(flags: Flags, lost: () => void) {
    this.#flags = flags
    this.#lost = lost
  }

  async start(): Promise<string> {
    const { meshFile, dataDirectory, port, isSteady, pace, visitsPerSecond } = this.#flags
    const mesh = new Mesh({
      mesh: await readMesh(meshFile),
      meshFile,
      dataDirectory,
      visitsPerSecond,
      serverArgs: ['--scrape-interval', '1s'],
      onLost: (child, { code, signal }) => {
        console.error(`${child.name} ended by itself (${signal ?? `code ${code}`}); see ${child.logFile}`)
        if (child === mesh.control || child === mesh.server || child === mesh.apps) this.#lost()
      },
    })
    this.#mesh = mesh
    const url = await mesh.start(port === undefined ? [] : ['--port', port])
    const story = new Story(mesh, {
      hasTimeline: !isSteady,
      pace,
      broken: this.#flags.break ? [this.#flags.break] : [],
      tell: marker => {
        console.log(`· ${timeOfDay()} ${marker.title}`)
        void postMarker(url, marker)
      },
    })
    const follower = followMesh(meshFile, {
      apply: state => mesh.setState(state),
      refused: error => console.error(`${error.message}\nThe mesh stays as it was`),
      mended: () => console.log(`· ${timeOfDay()} ${basename(meshFile)} can be read again`),
      failed: error => console.error(error.message),
    })
    this.#open.push(story, follower)
    this.#open.push(await serveRemote(dataDirectory, line => obey(story, line)))
    return welcome(mesh, url, this.#flags)
  }

  async stop(): Promise<void> {
    for (const one of this.#open) one.close()
    await this.#mesh?.stop()
  }
}

/** Does what another start of the demo asks, `break payments` or `mend payments`, and says what came of it. */
function obey(story: Story, line: string): string {
  const [verb, name = ''] = line.split(' ')
  try {
    return verb === 'mend' ? story.mend(breakable(name)) : story.break(breakable(name))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function timeOfDay(): string {
  return new Date().toTimeString().slice(0, 8)
}

function welcome(mesh: Mesh, url: string, { dataDirectory, isSteady }: Flags): string {
  return `· ${mesh.proxies.size} proxies, the sample apps, the control plane and the server run; logs in ${dataDirectory}/logs

  The dashboard:  ${url}

  To try:
${thingsToTry(mesh.state, url, !isSteady)}

  In another terminal:
    npm run -s meshscope -- stat deploy -A --api-addr ${url}
    npm run -s meshscope -- edges deploy -A --api-addr ${url}
    npm run -s demo -- --break payments${dataDirectoryFlag(dataDirectory)}

  Ctrl-C ends all of it.
`
}
