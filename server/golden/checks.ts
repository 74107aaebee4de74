import type { CheckRow, ChecksAnswer } from '#lib/api/checks.ts'
import { amount, byteSize, duration, quantityText } from '#lib/metrics/format.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import type { SelfFacts } from '#server/self/self-view.ts'
import type { TargetState } from '#server/store/targets.ts'
import type { Ground } from './ground.ts'
import { inventory } from './inventory-answers.ts'
import { toTheSecond } from './range.ts'

/** Whether what the server shows can be trusted, thing by thing, and what helps where it cannot. */
export async function answerChecks(ground: Ground): Promise<ChecksAnswer> {
  const { envelope } = await inventory(ground, {})
  const facts = await ground.self.facts()
  const nowMs = ground.nowMs()
  return {
    ...envelope,
    rows: [
      checkProxies(ground.targets.list()),
      checkExpositions(ground.targets.list()),
      checkScrapeTime(ground.targets.list(), ground.store.minimumWindowMs / 2),
      checkSeries(facts.series),
      checkMesh(ground.platform.current(), ground.platform.problem()),
      checkFreshness(ground, nowMs),
      checkHistory(ground, facts),
      checkMemory(ground),
      checkDisk(facts.disk),
      checkLoop(facts.loop),
      checkHeap(facts.heap),
      checkClock(facts.clockMovedMs),
      checkCertificates(facts.certificates, nowMs),
    ],
    numbers: [...(await ground.self.numbers())],
  }
}

type Verdict = Pick<CheckRow, 'state' | 'finding'> & { readonly hint?: string }

function check(about: Pick<CheckRow, 'id' | 'area' | 'title' | 'meaning'>, verdict: Verdict): CheckRow {
  const { state, finding, hint = null } = verdict
  return { ...about, state, finding, hint }
}

const shownMax = 3

function named(targets: readonly TargetState[]): string {
  const shown = targets
    .slice(0, shownMax)
    .map(({ namespace, pod, error }) => `${namespace}/${pod}${error === null ? '' : `: ${error}`}`)
  const rest = targets.length - shown.length
  return `${shown.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`
}

function checkProxies(targets: readonly TargetState[]): CheckRow {
  const down = targets.filter(({ state }) => state === 'down')
  const up = targets.filter(({ state }) => state === 'up')
  const about = {
    id: 'proxies',
    area: 'Proxies',
    title: 'Proxies answer',
    meaning: 'What a proxy carries while it does not answer is missing until it answers again',
  }
  if (targets.length === 0) return check(about, { state: 'unknown', finding: 'There is no proxy to ask' })
  const finding = `${up.length} of ${targets.length} answer`
  if (down.length === 0) return check(about, { state: up.length === 0 ? 'unknown' : 'ok', finding })
  return check(about, {
    state: up.length === 0 ? 'fail' : 'warn',
    finding: `${finding}. ${named(down)}`,
    hint: 'See that the pods run, and that their admin ports can be reached from here',
  })
}

function checkExpositions(targets: readonly TargetState[]): CheckRow {
  const warned = targets.filter(({ state, error }) => state === 'up' && error !== null)
  const about = {
    id: 'expositions',
    area: 'Proxies',
    title: 'All that they print is understood',
    meaning: 'Lines that cannot be read, or contradict others, are left out of all numbers',
  }
  if (warned.length === 0) return check(about, { state: 'ok', finding: 'Nothing was left out' })
  return check(about, {
    state: 'warn',
    finding: named(warned),
    hint: 'See which version of the proxy prints it: something else may answer on its admin port',
  })
}

function checkScrapeTime(targets: readonly TargetState[], intervalMs: number): CheckRow {
  const slow = targets.filter(({ scrapeMs }) => scrapeMs !== null && scrapeMs > intervalMs)
  const slowestMs = Math.max(0, ...targets.map(({ scrapeMs }) => scrapeMs ?? 0))
  const about = {
    id: 'scrape-time',
    area: 'Proxies',
    title: 'Scrapes end before the next begin',
    meaning: 'Slow ones make numbers old: live answers wait for all proxies that answer',
  }
  const finding = `The slowest took ${Math.round(slowestMs)} ms, of ${intervalMs} ms`
  if (slow.length === 0) return check(about, { state: 'ok', finding })
  return check(about, {
    state: 'warn',
    finding: `${finding}. ${named(slow)}`,
    hint: 'Scrape less often by --scrape-interval, or give the server more processor time',
  })
}

function checkSeries(series: SelfFacts['series']): CheckRow {
  const about = {
    id: 'series',
    area: 'Proxies',
    title: 'Series are within their bounds',
    meaning: 'A proxy with too many is left out, so that it cannot take the server down',
  }
  if (series === null) return check(about, { state: 'unknown', finding: 'This server scrapes nothing' })
  const { used, total, perProxy, refused } = series
  const finding = `${countText(used)} of ${countText(total)}, and of one proxy ${countText(perProxy)} at most`
  if (refused === 0 && used <= nearlyFull * total) return check(about, { state: 'ok', finding })
  return check(about, {
    state: refused > 0 ? 'fail' : 'warn',
    finding: refused > 0 ? `${finding}; ${refused} left out` : finding,
    hint: 'Find the label that has so many values, or raise --max-series and --max-series-per-proxy',
  })
}

const nearlyFull = 0.9

function checkMesh(state: MeshState, problem: string | null): CheckRow {
  const about = {
    id: 'mesh',
    area: 'Mesh',
    title: 'The description of the mesh is in use',
    meaning: 'When the newest is refused, the last good one stays in use',
  }
  if (problem === null) {
    const { instances, services } = state
    return check(about, { state: 'ok', finding: `${instances.length} pods, ${services.length} services` })
  }
  return check(about, { state: 'fail', finding: problem, hint: 'Mend it at the place that is named' })
}

function checkFreshness({ store }: Ground, nowMs: number): CheckRow {
  const about = {
    id: 'freshness',
    area: 'Numbers',
    title: 'Numbers are new',
    meaning: 'A live answer ends where the slowest proxy that answers was scraped last',
  }
  const endMs = store.lastCompleteSlotEndMs(nowMs)
  if (endMs === null) return check(about, { state: 'unknown', finding: 'No proxy was scraped yet' })
  const ageMs = Math.max(0, nowMs - endMs)
  const finding = `${duration(ageMs)} old`
  const usualMs = 2 * store.minimumWindowMs
  if (ageMs <= usualMs) return check(about, { state: 'ok', finding })
  return check(about, {
    state: ageMs > 5 * usualMs ? 'fail' : 'warn',
    finding: `${finding}, where ${duration(usualMs)} are usual`,
    hint: 'See whether scrapes are slow or the server is held up',
  })
}

function checkHistory({ store }: Ground, { history }: SelfFacts): CheckRow {
  const about = {
    id: 'history',
    area: 'Numbers',
    title: 'History is kept',
    meaning: 'Without it, a restart forgets what was counted, and the last hour is all there is',
  }
  if (store.problem !== null) {
    const [finding = '', ...hints] = store.problem.split('; ')
    return check(about, { state: 'fail', finding, hint: hints.join('; ') || 'See the log' })
  }
  const since = store.heardSinceMs === null ? '' : `, since ${toTheSecond(store.heardSinceMs)}`
  switch (history) {
    case 'kept':
      return check(about, { state: 'ok', finding: `Written to disk${since}` })
    case 'off':
      return check(about, {
        state: 'ok',
        finding: `Only the last hour, as asked for by --history off${since}`,
      })
    case 'elsewhere':
      return check(about, { state: 'ok', finding: `By Prometheus, as long as that keeps it${since}` })
  }
}

function checkMemory({ store }: Ground): CheckRow {
  const { bytes, maxBytes, evictedCells, droppedDeltas } = store.stats()
  const about = {
    id: 'recent-memory',
    area: 'Numbers',
    title: 'The last hour fits into memory',
    meaning: 'Where memory is full, label sets that were idle longest leave early',
  }
  const late = droppedDeltas === 0 ? '' : `; ${droppedDeltas} scrapes came too late to be kept`
  const finding = `${sizeText(bytes)}${maxBytes === null ? '' : ` of ${sizeText(maxBytes)}`}${late}`
  const isFull = maxBytes !== null && bytes > nearlyFull * maxBytes
  if (evictedCells === 0 && !isFull && droppedDeltas === 0) return check(about, { state: 'ok', finding })
  return check(about, {
    state: 'warn',
    finding: evictedCells === 0 ? finding : `${finding}; ${evictedCells} label sets left early`,
    hint: 'Raise --recent-memory, or keep history, which answers for what left',
  })
}

const diskLeastBytes = 64 * 1_024 * 1_024
const diskFewBytes = 512 * 1_024 * 1_024

function checkDisk(disk: SelfFacts['disk']): CheckRow {
  const about = {
    id: 'disk',
    area: 'Server',
    title: 'There is room on the disk',
    meaning: 'On a full disk nothing new is kept, and no certificate or marker is written',
  }
  if (disk === null) return check(about, { state: 'unknown', finding: 'The file system does not tell' })
  const finding = `${sizeText(disk.freeBytes)} free at ${disk.path}`
  if (disk.freeBytes >= diskFewBytes) return check(about, { state: 'ok', finding })
  return check(about, {
    state: disk.freeBytes < diskLeastBytes ? 'fail' : 'warn',
    finding,
    hint: 'Free some space, or move the data directory',
  })
}

function checkLoop({ p99Ms, longestMs }: SelfFacts['loop']): CheckRow {
  const about = {
    id: 'event-loop',
    area: 'Server',
    title: 'The server is not held up',
    meaning: 'While one thing holds the server up, scrapes and answers wait',
  }
  const finding = `Of 100 waits 99 were under ${Math.ceil(p99Ms)} ms, the longest took ${Math.ceil(longestMs)} ms`
  if (p99Ms <= 100) return check(about, { state: 'ok', finding })
  return check(about, {
    state: p99Ms > 1_000 ? 'fail' : 'warn',
    finding,
    hint: 'Give it more processor time, scrape less often, or let another server answer',
  })
}

function checkHeap({ usedBytes, limitBytes }: SelfFacts['heap']): CheckRow {
  const about = {
    id: 'heap',
    area: 'Server',
    title: 'The process has memory left',
    meaning: 'A process that runs out of memory ends, and counts nothing until it is started again',
  }
  const finding = `${sizeText(usedBytes)} of ${sizeText(limitBytes)}`
  if (usedBytes <= 0.8 * limitBytes) return check(about, { state: 'ok', finding })
  return check(about, {
    state: 'warn',
    finding,
    hint: 'Lower --max-series and --recent-memory, or raise the limit by NODE_OPTIONS=--max-old-space-size',
  })
}

function checkClock(clockMovedMs: number): CheckRow {
  const about = {
    id: 'clock',
    area: 'Server',
    title: 'The clock goes evenly',
    meaning: 'When the clock is set, counts stand at other times than they were made at',
  }
  const movedMs = Math.abs(clockMovedMs)
  if (movedMs < 2_000) return check(about, { state: 'ok', finding: 'It was not set since the start' })
  return check(about, {
    state: 'warn',
    finding: `It was set ${clockMovedMs < 0 ? 'back' : 'forward'} by ${duration(movedMs)} since the start`,
    hint: 'Let a time service keep it; a restart of the server begins anew',
  })
}

const soonMs = 14 * 86_400_000

function checkCertificates(certificates: SelfFacts['certificates'], nowMs: number): CheckRow {
  const about = {
    id: 'certificates',
    area: 'Server',
    title: "The mesh's authority is valid",
    meaning: 'Once an anchor or issuer has expired, proxies refuse each other',
  }
  const [first] = certificates.toSorted((a, b) => a.expiresAtMs - b.expiresAtMs)
  if (first === undefined)
    return check(about, { state: 'unknown', finding: 'The control plane keeps it elsewhere' })
  const leftMs = first.expiresAtMs - nowMs
  const finding = `${first.name} ${leftMs > 0 ? `expires in ${duration(leftMs)}` : 'has expired'}`
  if (leftMs > soonMs) return check(about, { state: 'ok', finding })
  return check(about, {
    state: leftMs > 0 ? 'warn' : 'fail',
    finding,
    hint: 'See that the control plane runs: it replaces the issuer by itself; a new anchor has to reach all proxies',
  })
}

function countText(count: number): string {
  return amount(count, '').digits
}

function sizeText(bytes: number): string {
  return quantityText(byteSize(bytes))
}
