import type { MakeApp } from './app.ts'
import { call } from './call.ts'

const periodMs = 250

/** An old job outside the mesh that reads accounts without a certificate, a little faster than it may. */
export const legacyBatch: MakeApp = place => ({
  start: () => {
    let id = 0
    const timer = setInterval(() => void call(place, 'users.shop', { path: `/api/users/${++id}` }), periodMs)
    return () => clearInterval(timer)
  },
})
