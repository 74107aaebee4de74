import { ownerKinds, ownerLabel } from '#lib/resources/kinds.ts'
import { defaultProxyPorts, type MeshState } from '#lib/resources/mesh-state.ts'
import type { Scraped } from '#server/store/series-meaning.ts'

/** Whose proxy printed a series: as the mesh knows it, or as the labels of its scrape say when it is gone. */
export class ScrapedInstances {
  readonly #known = new Map<string, Scraped>()

  constructor({ instances }: MeshState) {
    for (const instance of instances) this.#known.set(`${instance.namespace}/${instance.name}`, instance)
  }

  of(labels: Readonly<Record<string, string>>): Scraped {
    const { namespace = '', pod: name = '' } = labels
    const id = `${namespace}/${name}`
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const kind = ownerKinds.find(owner => labels[ownerLabel(owner)])
    const workload =
      kind === undefined
        ? ({ namespace, kind: 'pod', name } as const)
        : { namespace, kind, name: labels[ownerLabel(kind)] ?? '' }
    const scraped = { namespace, name, workload, proxyPorts: defaultProxyPorts }
    this.#known.set(id, scraped)
    return scraped
  }
}
