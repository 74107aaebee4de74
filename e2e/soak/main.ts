import { parseArgs } from 'node:util'
import { growthOf, type ProcessState } from './process-state.ts'
import { soak } from './soak.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } })
const { aborted, certificates, counted, faults, processes, sent, wrong } = await soak(Number(values.seconds))
const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1)
const stateText = ({ children, heapBytes, openFds, residentBytes }: ProcessState) =>
  `${heapBytes === null ? '' : `heap ${megabytes(heapBytes)} MB, `}resident ${megabytes(residentBytes)} MB, ` +
  `${openFds} files, ${children} children`
const requests = sent.http1 + sent.http2 + sent.grpc
process.stdout.write(
  `${values.seconds} s: ${requests} requests (${sent.http1} HTTP/1, ${sent.http2} HTTP/2, ${sent.grpc} gRPC streams) ` +
    `and ${sent.tcp} connections of TCP, ${aborted} left by their client, ${wrong.length} wrong; counted ` +
    `${counted.outbound} outbound, ${counted.inbound} inbound, ${counted.responses} responses, ` +
    `${counted.connections} connections\n`,
)
for (const line of wrong) process.stdout.write(`wrong: ${line}\n`)
for (const line of faults) process.stdout.write(`fault: ${line}\n`)
let isFlat = true
for (const [name, course] of processes) {
  const { late, rest, warm } = course
  process.stdout.write(
    `${name}: warm ${stateText(warm)}; at the end ${stateText(late)}; at rest ${stateText(rest)}; ` +
      `${certificates.get(name) ?? 0} certificates\n`,
  )
  for (const what of growthOf(course)) {
    isFlat = false
    process.stdout.write(`${name} grew: ${what}\n`)
  }
}
const isRight = isFlat && wrong.length === 0 && faults.length === 0 && counted.outbound === requests
process.exitCode = isRight ? 0 : 1
