'use client'

import { crumbsWithin } from '#app/namespaces/[namespace]/[kind]/[name]/crumbs.ts'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageLink } from '#components/ui/page-link.tsx'
import { resourcePath } from '#components/ui/page-path.ts'
import { useUrlParam } from '#components/ui/use-url-param.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'
import { NamedRoute } from './named-route.tsx'

/** The route that the address names, of a service. */
export function RoutePage({ service }: { readonly service: ResourceRef }) {
  const [name] = useUrlParam('name')
  const crumbs = crumbsWithin(service)
  if (name !== null && name !== '') {
    return <NamedRoute key={name} service={service} route={name} crumbs={crumbs} />
  }
  return (
    <PageFrame title="Which route?" breadcrumbs={crumbs} time={false}>
      <Notice kind="empty" title="The address names no route">
        <p>
          A route's page has its name in the address, such as <code>?name=GET%20/items</code>. The routes of{' '}
          {service.name} are on <PageLink to={resourcePath(service) ?? ''}>its page</PageLink>.
        </p>
      </Notice>
    </PageFrame>
  )
}
