import type { LiveTopic } from '#lib/api/live.ts'
import { basePath } from './base-path.ts'

/** An answer that is on its way. Whoever does not want it any more need not look at what became of it. */
export interface EarlyAnswer {
  /** What it answers; `null` once somebody took it. */
  path: string | null
  readonly response: Promise<Response>
  /** What is in it; `null` when that is no JSON. */
  readonly body: Promise<unknown>
}

declare global {
  interface Window {
    /** What the page's address asks for, on its way before the page's code is; taken once. */
    meshscopeEarly?: EarlyAnswer
  }
}

/** Runs in the page before all other scripts, as it stands here. */
const ask = `function(base,path,q,passed){
var s=new URLSearchParams(location.search)
passed.forEach(function(k){if(s.get(k))q[k]=s.get(k)})
if(q.start)delete q.window
path+=new URLSearchParams(Object.keys(q).sort().map(function(k){return[k,q[k]]}))
var response=fetch(base+path,{headers:{accept:'application/json'}})
var body=response.then(function(r){return r.json()}).catch(function(){return null})
window.meshscopeEarly={path:path,response:response,body:body}
}`

interface EarlyQuestionProps {
  readonly topic: LiveTopic
  /** What the page asks when its address says nothing. */
  readonly usual: Readonly<Record<string, string>>
  /** Parameters of the address that are passed on as they are. */
  readonly passed: readonly string[]
}

/**
 * Asks the page's first question while its code is still being fetched. The address is read simply: when the page turns
 * out to ask something else, this answer is left alone and the page asks for itself.
 */
export function EarlyQuestion({ topic, usual, passed }: EarlyQuestionProps) {
  const script = `(${ask})(${[basePath, `/api/v1/${topic}?`, usual, passed].map(given => JSON.stringify(given)).join(',')})`
  return <script dangerouslySetInnerHTML={{ __html: script }} />
}

/** The answer that is on its way to exactly this question, for the first who asks; else `undefined`. */
export function takeEarly(path: string): EarlyAnswer | undefined {
  const early = window.meshscopeEarly
  if (early?.path !== path) return undefined
  early.path = null
  return early
}
