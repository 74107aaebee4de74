import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { findTools } from '#scripts/find-tools.ts'
import { until } from './until.ts'

/** Why packets cannot be captured here, for the name of a test; empty when they can. */
export function captureProblem(): string {
  const { areMissing, note } = findTools('tcpdump')
  return areMissing || process.getuid?.() === 0 ? note : ' (to capture packets needs root)'
}

/** Captures the packets between loopback addresses into a file until `stop`, which gives the file's bytes. */
export async function capture(filter: string, file: string): Promise<{ stop(): Promise<Buffer> }> {
  const child = spawn(
    'tcpdump',
    ['-i', 'lo', '--immediate-mode', '-U', '-s', '0', '-Z', 'root', '-w', file, filter],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await until('tcpdump to listen', () => said.includes('listening on'))
  return {
    stop: async () => {
      const ended = new Promise(done => child.once('close', done))
      child.kill('SIGTERM')
      await ended
      return readFileSync(file)
    },
  }
}

/**
 * The TLS versions that servers chose in the captured bytes, by ServerHello: 0x0304 is TLS 1.3. Each hello is
 * found by its record and handshake headers; loopback does not split one over packets.
 */
export function serverHelloVersions(packets: Buffer): readonly number[] {
  const versions: number[] = []
  for (let at = 0; at + 48 < packets.length; at++) {
    const isServerHello =
      packets[at] === 0x16 && packets[at + 1] === 0x03 && packets[at + 5] === 0x02 && packets[at + 6] === 0x00
    if (!isServerHello) continue
    // record(5) handshake(4) version(2) random(32) session id, suite(2) compression(1) extensions length(2)
    let extension = at + 43 + 1 + packets.readUInt8(at + 43) + 3
    const end = extension + 2 + packets.readUInt16BE(extension)
    let chosen = packets.readUInt16BE(at + 9)
    for (extension += 2; extension + 4 <= end; extension += 4 + packets.readUInt16BE(extension + 2)) {
      if (packets.readUInt16BE(extension) === 0x002b) chosen = packets.readUInt16BE(extension + 4)
    }
    versions.push(chosen)
  }
  return versions
}
