import { basePath } from './base-path.ts'
import type { EarlyAnswer } from './early-question.tsx'
import { type Question, questionPath } from './question.ts'

/** After so long an answer that nobody took is not the newest any more. */
const lastsMs = 5_000

/** Asks what a page will ask that somebody is about to open. What is in the answer; `undefined` when it was asked already. */
export function askAhead(question: Question): Promise<unknown> | undefined {
  const path = questionPath(question)
  if (window.meshscopeEarly?.path === path) return undefined
  const response = fetch(`${basePath}${path}`, { headers: { accept: 'application/json' } })
  const body = response.then(answered => answered.json()).catch(() => null)
  const early: EarlyAnswer = { path, response, body }
  window.meshscopeEarly = early
  setTimeout(() => {
    early.path = null
  }, lastsMs)
  return body
}
