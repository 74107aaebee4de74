import type { ChoiceGroup } from '#components/ui/find-choices.ts'
import { resourcePath, routePath } from '#components/ui/page-path.ts'
import type { NamespacesAnswer, ServicesAnswer, WorkloadsAnswer } from '#lib/api/inventory.ts'
import { pages } from './pages.ts'

/** Everything that has a page, as choices whose ids are addresses. What is not answered yet (`null`) is left out. */
export function placeGroups(
  namespaces: NamespacesAnswer | null,
  workloads: WorkloadsAnswer | null,
  services: ServicesAnswer | null,
): readonly ChoiceGroup[] {
  return [
    { title: 'Pages', choices: pages.map(({ path, name }) => ({ id: path, words: name, aside: 'page' })) },
    {
      title: 'Namespaces',
      choices: (namespaces?.rows ?? []).map(({ namespace }) => ({
        id: `/namespaces/${encodeURIComponent(namespace)}`,
        words: namespace,
        aside: 'namespace',
      })),
    },
    {
      title: 'Workloads',
      choices: (workloads?.rows ?? []).flatMap(({ workload }) => placeOf(workload)),
    },
    {
      title: 'Services',
      choices: (services?.rows ?? []).flatMap(({ service }) => placeOf(service)),
    },
    {
      title: 'Routes',
      choices: (services?.rows ?? []).flatMap(({ service, routes }) =>
        (routes ?? []).map(route => ({
          id: routePath(service, route),
          words: route,
          also: `${service.namespace}/${service.name}`,
          aside: `${service.namespace}/${service.name}`,
        })),
      ),
    },
  ]
}

function placeOf(resource: { readonly namespace: string; readonly kind: string; readonly name: string }) {
  const path = resourcePath(resource)
  if (path === null) return []
  const { namespace, kind, name } = resource
  return [{ id: path, words: `${namespace}/${name}`, also: kind, aside: kind }]
}
