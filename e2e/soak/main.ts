import { parseArgs } from 'node:util'
import { soak } from './soak.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } })
const { aborted, counted, proxies, sent, wrong } = await soak(Number(values.seconds))
const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0)
process.stdout.write(
  `${values.seconds} s: ${sent} requests, ${aborted} left by their client, ${wrong.length} wrong; ` +
    `counted ${counted.outbound} outbound, ${counted.inbound} inbound, ${counted.responses} responses\n`,
)
for (const line of wrong) process.stdout.write(`wrong: ${line}\n`)
for (const [name, { last, warm }] of proxies) {
  process.stdout.write(
    `${name}: ${megabytes(warm.residentBytes)} MB warm, ${megabytes(last.residentBytes)} MB at the end; ` +
      `${warm.openFds} files warm, ${last.openFds} at the end; ${last.certificates} certificates\n`,
  )
}
process.exitCode = wrong.length === 0 && counted.outbound === sent ? 0 : 1
