import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { quantile, table } from '#bench/table.ts'
import { askOurs, askPrometheus } from './questions.ts'
import { type Scraper, startRig } from './rig.ts'
import { type ScrapingCost, scrapingCost } from './scraping.ts'
import { subscribersCost } from './subscribers.ts'

const results = resolve(import.meta.dirname, '../RESULTS.md')
const busyShare = 0.5

/** Measures scraping, questions and subscribers beside Prometheus, and writes bench/RESULTS.md. */
export async function benchMetrics(seconds: number): Promise<void> {
  const parts = [
    '# Measured',
    '',
    `\`npm run bench -- metrics\`, ${seconds} s for each figure, on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}: what is measured had one core, what feeds and asks it the other. Node ${process.version}, ${prometheusVersion()}. Half of all peers were busy: all of their counters grew between any two scrapes.`,
    '',
  ]
  const tell = (...lines: readonly string[]): void => {
    parts.push(...lines)
    process.stdout.write(`${lines.join('\n')}\n`)
    writeFileSync(results, `${parts.join('\n').trimEnd()}\n`)
  }
  tell('## Scraping', '', ...(await scraping(seconds)), '')
  tell('## Questions', '', ...(await asking(seconds)))
}

async function scraping(seconds: number): Promise<string[]> {
  const rows: string[][] = []
  const growth: { readonly count: number; readonly coreRatio: number }[] = []
  const shapes = [
    { count: 1, series: 50_000, intervalMs: 1_000 },
    ...[125, 250, 500, 1_000].map(count => ({ count, series: 1_000, intervalMs: 10_000 })),
  ]
  for (const shape of shapes) {
    const rig = await startRig({ ...shape, busyShare })
    try {
      const measure = async (start: () => Promise<Scraper>): Promise<ScrapingCost> => {
        const scraper = await start()
        try {
          return await scrapingCost(rig, scraper, seconds)
        } finally {
          await scraper.stop()
        }
      }
      const ours = await measure(() => rig.startOurs('collect'))
      const theirs = await measure(() => rig.startPrometheus())
      if (shape.series === 1_000) growth.push({ count: shape.count, coreRatio: ours.coreRatio })
      rows.push([
        `${shape.count} × ${rig.samples} series every ${shape.intervalMs / 1_000} s`,
        ...[ours, theirs].map(cost => thousands(cost.samplesPerCpuSecond)),
        ratio(ours.samplesPerCpuSecond / theirs.samplesPerCpuSecond),
        ...[ours, theirs].map(cost => percent(cost.coreRatio)),
        ...[ours, theirs].map(cost => megabytes(cost.residentBytes)),
        ratio(ours.residentBytes / theirs.residentBytes),
      ])
    } finally {
      await rig.close()
    }
  }
  const head = ['targets', 'ours, k samples per CPU s', 'Prometheus', 'ratio', 'ours, % of a core']
  return [
    table([...head, 'Prometheus', 'ours, RSS MB', 'Prometheus', 'ratio'], rows),
    '',
    `From ${growth[0]?.count} to ${growth.at(-1)?.count} targets the cost grows with the power of ${exponent(growth).toFixed(2)} of their number.`,
  ]
}

async function asking(seconds: number): Promise<string[]> {
  const rig = await startRig({ count: 50, series: 1_000, intervalMs: 1_000, busyShare })
  try {
    const prometheus = await rig.startPrometheus()
    await new Promise(resolve => setTimeout(resolve, 60_000))
    const theirs = await askPrometheus(prometheus)
    await prometheus.stop()
    const server = await rig.startOurs('collect,web')
    await new Promise(resolve => setTimeout(resolve, 60_000))
    const ours = await askOurs(server)
    const followed = await subscribersCost(server, seconds)
    await server.stop()
    const rows = [0.5, 0.99].map(share => {
      const [a, b] = [quantile(ours, share), quantile(theirs, share)]
      return [`P${share * 100}`, a.toFixed(1), b.toFixed(1), ratio(b / a)]
    })
    return [
      `The golden metrics of 50 deployments over the last minute, of ${50 * rig.samples} series; of Prometheus five queries, one after the other.`,
      '',
      table(['ms', 'ours', 'Prometheus', 'times faster'], rows),
      '',
      `200 subscribers with 20 different questions got ${followed.messagesPerSecond.toFixed(0)} messages a second, and the server took ${percent(followed.coreRatio)} % of a core with its scrapes, and ${megabytes(followed.residentBytes)} MB.`,
    ]
  } finally {
    await rig.close()
  }
}

/** The slope of cost over count, both as logarithms, by least squares. */
function exponent(growth: readonly { readonly count: number; readonly coreRatio: number }[]): number {
  const points = growth.map(({ count, coreRatio }) => [Math.log(count), Math.log(coreRatio)] as const)
  const mean = (index: 0 | 1): number => points.reduce((sum, point) => sum + point[index], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}

function prometheusVersion(): string {
  const [, version] = /version (\S+)/.exec(execFileSync('prometheus', ['--version']).toString()) ?? []
  return `Prometheus ${version ?? 'of unknown version'}`
}

const thousands = (value: number): string => (value / 1_000).toFixed(0)
const percent = (value: number): string => (value * 100).toFixed(1)
const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
const ratio = (value: number): string => value.toFixed(2)
