import type { MeshState } from '#lib/resources/mesh-state.ts'

interface Thing {
  readonly what: string
  /** What it is in a mesh without the story; missing: the same. */
  readonly steadily?: string
  readonly path: string
  /** The workload it is about. */
  readonly about: string
}

const chargesRoute = `/namespaces/payments/services/payments/route?name=${encodeURIComponent('POST /charges')}&window=5m`

const things: readonly Thing[] = [
  {
    what: 'Who calls whom: one edge is not encrypted, and one is refused',
    path: '/topology?node=shop/deployment/web',
    about: 'shop/deployment/web',
  },
  {
    what: 'One route that is retried, while payments are slow: 40 to 85 s into each story',
    steadily: 'One route that is retried: what callers saw, and what it did',
    path: chargesRoute,
    about: 'payments/deployment/payments',
  },
  { what: 'What is not mTLS, and why', path: '/edges?filter=not-mtls', about: 'batch/cronjob/legacy-batch' },
  {
    what: 'Requests as they pass, once you press Start',
    path: '/tap?resource=deploy/web&namespace=shop',
    about: 'shop/deployment/web',
  },
  {
    what: 'A split of 90 to 10, whose smaller part fails once in a story',
    steadily: 'A split of 90 to 10, and what each part does',
    path: '/splits?namespace=shop',
    about: 'shop/deployment/recommendations-v2',
  },
]

/** Numbered lines of what there is to see in this mesh, with the story or without, each with its address. */
export function thingsToTry(mesh: MeshState, url: string, hasStory: boolean): string {
  const there = new Set(
    mesh.instances.map(({ workload: { namespace, kind, name } }) => `${namespace}/${kind}/${name}`),
  )
  return things
    .filter(({ about }) => there.has(about))
    .map(
      ({ what, steadily = what, path }, i) =>
        `    ${i + 1}. ${hasStory ? what : steadily}\n       ${url}${path}`,
    )
    .join('\n')
}
