import { snapOutward } from '#lib/metrics/slots.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { familiesOf } from '#server/store/series-meaning.ts'
import {
  type Answer,
  type Dimension,
  type InstanceCoverage,
  maxSteps,
  type Question,
  type Range,
  type Row,
} from '#server/store/store.ts'
import type { PrometheusClient, Steps } from './client.ts'
import { coverSteps, type InstanceReadings, readingsOf, type StepCoverage } from './coverage.ts'
import {
  counted,
  cutStretch,
  labelsFor,
  lastRead,
  lastStart,
  lookBackMs,
  oneOf,
  present,
  type Selection,
  type Stretch,
} from './promql.ts'
import { Remembered } from './remembered.ts'
import { type FamilyNumbers, Tally } from './tally.ts'
import type { Timeline } from './timelines.ts'

const hourMs = 3_600_000
const minuteMs = 60_000
/** Of a stretch that is counted closely, as that of an instance whose process ended in it. */
const closePieces = 120
/** Of a stretch that is only looked at. */
const roughPieces = 120
/** Prometheus gives at most 11,000 points of a timeline. */
const maxPoints = 10_000
/** That many broken instances are asked for by name; with more, all are counted closely. */
const maxNamed = 100
const maxRemembered = 256

export interface NumbersOptions {
  readonly client: PrometheusClient
  /** The proxies' series. */
  readonly selection: Selection
  readonly mesh: () => MeshState
  readonly slotMs: () => number
}

/** Steps of a range that is snapped to what can be asked for. */
interface Cut {
  readonly range: Range
  readonly stepMs: number
  readonly stepCount: number
  /** What the range was snapped to. */
  readonly grainMs: number
}

/** What is known of the instances in the steps of a range. */
interface Covered {
  readonly steps: ReadonlyMap<string, readonly StepCoverage[]>
  readonly instances: readonly InstanceReadings[]
  /** Names of pods whose numbers cannot be told from the ends of steps. */
  readonly broken: readonly string[]
}

/** Answers a store's question by asking a Prometheus, once for each family of metrics whatever the size of the mesh. */
export class Numbers {
  readonly #options: NumbersOptions
  readonly #asked = new Remembered<readonly Timeline[]>(maxRemembered)
  readonly #covered = new Remembered<Covered>(32)

  constructor(options: NumbersOptions) {
    this.#options = options
  }

  /** Forgets what was answered: there may be more now. */
  forget(): void {
    this.#asked.clear()
    this.#covered.clear()
  }

  async sum(question: Question): Promise<Answer> {
    const cut = this.#cut(question)
    const { range, stepMs, stepCount, grainMs } = cut
    const covered = await this.#covered.get(`${range.startMs} ${range.endMs} ${stepMs}`, () =>
      this.#cover(cut),
    )
    return {
      range,
      stepSeconds: grainMs / 1_000,
      rows: stepCount === 0 ? [] : await this.#rows(question, cut, covered),
      coverage: told(covered, question.stepSeconds !== undefined),
    }
  }

  #cut({ range: asked, stepSeconds }: Question): Cut {
    const slotMs = this.#options.slotMs()
    const lengthMs = asked.endMs - asked.startMs
    const isStepped = stepSeconds !== undefined
    const wantedMs = isStepped ? stepSeconds * 1_000 : lengthMs > 24 * hourMs ? 10 * minuteMs : minuteMs
    if (!(wantedMs > 0))
      throw new RangeError(`Cannot cut the range: expected a step above 0, got ${stepSeconds}`)
    const isShort = !isStepped && lengthMs <= hourMs
    const grainMs = isShort ? slotMs : Math.ceil(wantedMs / slotMs) * slotMs
    const range = snapOutward(asked, grainMs)
    const rowMs = isStepped ? grainMs : range.endMs - range.startMs
    const stepCount = rowMs === 0 ? 0 : Math.round((range.endMs - range.startMs) / rowMs)
    if (stepCount > maxSteps)
      throw new RangeError(`Cannot cut the range: expected at most ${maxSteps} steps, got ${stepCount}`)
    return { range, stepMs: rowMs, stepCount, grainMs }
  }

  async #rows(question: Question, cut: Cut, covered: Covered): Promise<readonly Row[]> {
    const { where } = question
    // Every proxy has a namespace: such a question is about who was read, and about no numbers.
    if (where.namespace === '') return []
    const { range, stepMs } = cut
    const stepOf = (atMs: number) => Math.floor((atMs - range.startMs) / stepMs) - 1
    const coveredMs = (namespace: string, pod: string, step: number) => {
      const at = covered.steps.get(`${namespace}/${pod}`)?.[step]
      return at === undefined || at.lastReadMs === null ? null : at.coveredMs
    }
    const tally = new Tally(question, this.#options.mesh(), stepOf, coveredMs)
    const numbers = await Promise.all(
      familiesOf(where.view).flatMap(family => this.#family(question, cut, covered, family)),
    )
    tally.add(numbers)
    return tally.rows(range.startMs, stepMs)
  }

  #family(
    question: Question,
    cut: Cut,
    { broken }: Covered,
    { name: family, kind }: ReturnType<typeof familiesOf>[number],
  ): Promise<FamilyNumbers>[] {
    const isClassified = family.endsWith('response_total')
    const dimensions = [...question.by, ...(Object.keys(question.where) as Dimension[])]
    const labels = labelsFor(question.where.view, dimensions, {
      isClassified,
      withStatuses: question.withStatuses === true,
    })
    const grouped = kind === 'bucket' ? [...labels, 'le'] : labels
    const selection = this.#narrowed(question)
    const ask = async (promql: (stretch: Stretch) => string, stretch: Stretch): Promise<FamilyNumbers> => ({
      family,
      timelines: await this.#ask(promql(stretch), cut, stretch),
    })
    const whole = this.#stretch(cut, Math.ceil(cut.stepMs / hourMs))
    if (kind === 'open') {
      const pieces = Math.min(roughPieces, Math.max(12, Math.ceil(cut.stepMs / lookBackMs)))
      return [ask(each => present(selection, family, grouped, each), this.#stretch(cut, pieces))]
    }
    const count = (of: Selection, stretch: Stretch) =>
      ask(each => counted(of, family, grouped, each), stretch)
    const close = this.#closeStretch(cut)
    if (broken.length === 0) return [count(selection, whole)]
    if (broken.length > maxNamed) return [count(selection, close)]
    return [
      count(selection.and(oneOf('pod', broken, true)), whole),
      count(selection.and(oneOf('pod', broken)), close),
    ]
  }

  /** Short ranges are asked of the whole mesh, so that many questions share the answer; steps only of what is wanted. */
  #narrowed({ where, stepSeconds }: Question): Selection {
    let { selection } = this.#options
    const direction = where.view === 'inbound' || where.view === 'outbound' ? where.view : where.direction
    if (typeof direction === 'string' && direction !== '')
      selection = selection.with(oneOf('direction', [direction]))
    const narrow = stepSeconds !== undefined || where.pod !== undefined
    for (const label of ['namespace', 'pod'] as const) {
      const wanted = where[label]
      const values = typeof wanted === 'string' ? [wanted] : wanted
      if (narrow && values !== undefined && values.length <= maxNamed)
        selection = selection.and(oneOf(label, values))
    }
    return selection
  }

  async #cover(cut: Cut): Promise<Covered> {
    const { range, stepMs, stepCount } = cut
    const { selection } = this.#options
    if (stepCount === 0) return { steps: new Map(), instances: [], broken: [] }
    const rough = await this.#readings(cut, selection, this.#stretch(cut, roughPieces))
    const steps = new Map(
      rough.map(each => [`${each.namespace}/${each.pod}`, coverSteps(each, range.startMs, stepMs)]),
    )
    const broken = new Set<string>()
    for (const { namespace, pod } of rough)
      if (steps.get(`${namespace}/${pod}`)?.some(({ isBroken }) => isBroken)) broken.add(pod)
    const names = [...broken].sort()
    if (names.length > 0) {
      const only = names.length > maxNamed ? selection : selection.and(oneOf('pod', names))
      const { pieceMs } = this.#closeStretch(cut)
      const close: Cut = {
        ...cut,
        stepMs: pieceMs,
        stepCount: Math.round((range.endMs - range.startMs) / pieceMs),
      }
      for (const each of await this.#readings(close, only, this.#stretch(close, 1))) {
        const fine = coverSteps(each, range.startMs, pieceMs)
        steps.set(`${each.namespace}/${each.pod}`, joined(fine, stepCount))
      }
    }
    return { steps, instances: rough, broken: names }
  }

  async #readings(cut: Cut, selection: Selection, stretch: Stretch): Promise<readonly InstanceReadings[]> {
    const { range, stepMs, stepCount } = cut
    const slotMs = this.#options.slotMs()
    const lookBack = cutStretch(Math.ceil(lookBackMs / slotMs) * slotMs, range.startMs, slotMs, 60)
    const askBefore = (promql: string) => {
      const atMs = range.startMs + lookBack.lateMs
      return this.#asked.get(`${promql} ${atMs}`, () =>
        this.#options.client.ask(promql, { startMs: atMs, endMs: atMs, stepMs }),
      )
    }
    const [readBefore, startedBefore, read, started] = await Promise.all([
      askBefore(lastRead(selection, lookBack)),
      askBefore(lastStart(selection, lookBack)),
      this.#ask(lastRead(selection, stretch), cut, stretch),
      this.#ask(lastStart(selection, stretch), cut, stretch),
    ])
    const before = { read: readBefore, started: startedBefore }
    return readingsOf(before, { read, started }, range, stepMs, stepCount)
  }

  #ask(promql: string, { range, stepMs }: Cut, { lateMs }: Stretch): Promise<readonly Timeline[]> {
    const steps: Steps = {
      startMs: range.startMs + stepMs + lateMs,
      endMs: range.endMs + lateMs,
      stepMs,
    }
    return this.#asked.get(`${promql} ${steps.startMs} ${steps.endMs} ${stepMs}`, () =>
      this.#options.client.ask(promql, steps),
    )
  }

  #stretch({ stepMs, range }: Cut, pieces: number): Stretch {
    return cutStretch(stepMs, range.endMs, this.#options.slotMs(), pieces)
  }

  /** Cut as finely as Prometheus gives it. */
  #closeStretch(cut: Cut): Stretch {
    return this.#stretch(cut, Math.max(1, Math.min(closePieces, Math.floor(maxPoints / cut.stepCount / 4))))
  }
}

/** Of steps, each several of the fine ones. */
function joined(fine: readonly StepCoverage[], count: number): readonly StepCoverage[] {
  const each = fine.length / count
  return Array.from({ length: count }, (_, step) => {
    const parts = fine.slice(Math.round(step * each), Math.round((step + 1) * each))
    return {
      coveredMs: parts.reduce((sum, { coveredMs }) => sum + coveredMs, 0),
      lastReadMs: parts.findLast(({ lastReadMs }) => lastReadMs !== null)?.lastReadMs ?? null,
      isBroken: true,
    }
  })
}

function told({ steps, instances }: Covered, withSteps: boolean): readonly InstanceCoverage[] {
  return instances.flatMap(({ namespace, pod }): InstanceCoverage[] => {
    const ofSteps = steps.get(`${namespace}/${pod}`) ?? []
    const lastSampleAtMs = ofSteps.findLast(({ lastReadMs }) => lastReadMs !== null)?.lastReadMs ?? null
    if (lastSampleAtMs === null) return []
    const coveredMsByStep = ofSteps.map(({ coveredMs }) => coveredMs)
    const coveredMs = coveredMsByStep.reduce((a, b) => a + b, 0)
    const whole = { namespace, pod, coveredMs, lastSampleAtMs: Math.round(lastSampleAtMs) }
    return [withSteps ? { ...whole, coveredMsByStep } : whole]
  })
}
