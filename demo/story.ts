import type { NewMarker } from '#lib/api/markers.ts'
import type { Mesh } from './launch/mesh.ts'
import { momentAfter, troublesAt } from './timeline.ts'
import type { Breakable, Trouble } from './trouble.ts'

const dyingReplica = 'shop/catalog-1'

export interface StoryOptions {
  /** `false`: all stays well, but for what somebody breaks. */
  readonly hasTimeline: boolean
  /** How many times as quick as written it goes. */
  readonly pace: number
  /** What is broken from the beginning. */
  readonly broken: readonly Breakable[]
  /** Told of every turn as it comes. */
  readonly tell: (marker: NewMarker) => void
}

/** Makes things go wrong in a running mesh: by the timeline, and as somebody asks. */
export class Story {
  readonly #mesh: Mesh
  readonly #options: StoryOptions
  readonly #broken = new Set<Breakable>()
  readonly #startedMs = performance.now()
  #timer: NodeJS.Timeout | undefined
  #fromTimeline: readonly Trouble[] = []
  #work = Promise.resolve()
  #isClosed = false

  constructor(mesh: Mesh, options: StoryOptions) {
    this.#mesh = mesh
    this.#options = options
    for (const name of options.broken) this.break(name)
    if (options.hasTimeline) this.#await(0)
  }

  /** Breaks something until it is mended; says what came of it. */
  break(name: Breakable): string {
    if (this.#broken.has(name)) return `${name} is broken already`
    this.#broken.add(name)
    this.#apply()
    const detail = 'Broken on purpose'
    this.#options.tell({ title: `${capital(name)} broken`, detail, namespace: namespaceOf(name) })
    return `${name} is broken now; --mend ${name} ends that`
  }

  mend(name: Breakable): string {
    if (!this.#broken.delete(name)) return `${name} is not broken`
    this.#apply()
    this.#options.tell({ title: `${capital(name)} mended`, namespace: namespaceOf(name) })
    return `${name} is mended`
  }

  /** Ends the story where it is. Safe twice. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #await(second: number): void {
    const { moment, atSecond } = momentAfter(second)
    this.#timer = setTimeout(
      () => {
        this.#fromTimeline = troublesAt(atSecond)
        this.#apply()
        this.#options.tell({ title: moment.title, detail: moment.detail, namespace: moment.namespace })
        this.#await(atSecond)
      },
      Math.max(0, this.#startedMs + (atSecond * 1_000) / this.#options.pace - performance.now()),
    )
  }

  #apply(): void {
    const troubles = [...this.#fromTimeline, ...[...this.#broken].map((name): Trouble => `${name}-broken`)]
    this.#mesh.setTroubles(troubles)
    const isDead = troubles.includes('catalog-replica-dead')
    this.#work = this.#work
      .then(() => this.#setReplica(isDead))
      .catch((error: Error) => {
        // A start that the end of the demo interrupts is no failure.
        if (!this.#isClosed) console.error(error.message)
      })
  }

  async #setReplica(isDead: boolean): Promise<void> {
    if (isDead) return this.#mesh.killProxy(dyingReplica)
    const instance = this.#mesh
      .meshed()
      .find(({ namespace, name }) => `${namespace}/${name}` === dyingReplica)
    if (instance && !this.#mesh.proxies.has(dyingReplica)) await this.#mesh.startProxy(instance)
  }
}

function capital(name: Breakable): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function namespaceOf(name: Breakable): string {
  return name === 'payments' ? 'payments' : 'shop'
}
