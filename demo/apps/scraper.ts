import type { MakeApp } from './app.ts'
import { call } from './call.ts'

const periodMs = 1_000
const burstPeriodMs = 40

/** Someone who wants to read charges, and whom policy does not let. */
export const scraper: MakeApp = (place, isWrong) => ({
  start: () => {
    let id = 0
    const next = () => {
      void call(place, 'payments.payments', { path: `/charges/${++id}` })
      timer = setTimeout(next, isWrong('scraper-bursts') ? burstPeriodMs : periodMs)
    }
    let timer = setTimeout(next, periodMs)
    return () => clearTimeout(timer)
  },
})
