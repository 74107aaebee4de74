import type { Rig, Scraper } from './rig.ts'

/** What scraping costs. */
export interface ScrapingCost {
  readonly samplesPerCpuSecond: number
  /** Share of one core. */
  readonly coreRatio: number
  readonly residentBytes: number
}

const warmUpIntervals = 3

/** The cost of scraping the rig's targets, measured over `seconds` after everything was read a few times. */
export async function scrapingCost(rig: Rig, scraper: Scraper, seconds: number): Promise<ScrapingCost> {
  const before = await rig.served(scraper.client)
  while ((await rig.served(scraper.client)) < before + warmUpIntervals * rig.spec.count) await pause(200)
  const [servedBefore, cpuBefore, startMs] = [
    await rig.served(scraper.client),
    scraper.cpuSeconds(),
    performance.now(),
  ]
  await pause(seconds * 1_000)
  const cpuSeconds = scraper.cpuSeconds() - cpuBefore
  const samples = ((await rig.served(scraper.client)) - servedBefore) * rig.samples
  return {
    samplesPerCpuSecond: samples / cpuSeconds,
    coreRatio: cpuSeconds / ((performance.now() - startMs) / 1_000),
    residentBytes: scraper.residentBytes(),
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
