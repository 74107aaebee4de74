import type { ScrapeTargets } from '#lib/api/sd.ts'
import { ownerLabel } from '#lib/resources/kinds.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'

/** The proxies of a mesh for Prometheus to scrape, under the labels that Linkerd's configuration of it gives. */
export function scrapeTargets({ instances }: MeshState): ScrapeTargets {
  return instances
    .filter(({ meshed, ip }) => meshed && ip !== '')
    .map(({ namespace, name, ip, workload, labels, controlPlaneNamespace, proxyPorts }) => ({
      targets: [`${ip.includes(':') ? `[${ip}]` : ip}:${proxyPorts.admin}`],
      labels: {
        ...ofPod(labels),
        ...(controlPlaneNamespace === null ? {} : { control_plane_ns: controlPlaneNamespace }),
        ...(workload.kind === 'pod' ? {} : { [ownerLabel(workload.kind)]: workload.name }),
        namespace,
        pod: name,
      },
    }))
}

/** Labels of a pod as Prometheus spells them. Linkerd's own say what the labels beside them do. */
function ofPod(labels: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(labels).filter(([name]) => !name.startsWith('linkerd.io/') && name !== 'job')
  return Object.fromEntries(
    own.map(([name, value]) => [name.replaceAll(/\W/g, '_').replace(/^(?=\d|__)/, 'label_'), value]),
  )
}
