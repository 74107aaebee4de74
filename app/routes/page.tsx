import type { Metadata } from 'next'
import { RouteTable } from '#components/routes/route-table.tsx'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { Routes } from './routes.tsx'

export const metadata: Metadata = { title: 'Routes' }

export default function RoutesPage() {
  return (
    <PageFrame
      title="Routes"
      loading={<RouteTable rows={null} services empty="" command="meshscope routes svc -A -o wide" />}
    >
      <Routes />
    </PageFrame>
  )
}
