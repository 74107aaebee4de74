import { buildStale } from './build.ts'

/** Tests start programs as they are shipped: those are built before the first test. */
export default async function buildPrograms(): Promise<void> {
  await buildStale(line => console.log(`· ${line}`), 'programs')
}
