import { rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'

const longestLine = 200
const timeoutMs = 5_000

function socketPath(dataDirectory: string): string {
  return join(dataDirectory, 'demo.sock')
}

/** The first line that comes, at most `longestLine` characters of it; empty when the other side ends without one. */
function firstLine(socket: Socket): Promise<string> {
  return new Promise((done, fail) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no line after ${timeoutMs} ms`)))
    socket.on('error', fail)
    socket.on('close', () => done(text))
    socket.on('data', (chunk: string) => {
      text += chunk
      const [line, ...rest] = text.split('\n')
      if (rest.length > 0 || text.length > longestLine) done((line ?? '').slice(0, longestLine))
    })
  })
}

/** Answers each line that another start of the demo sends to the one that runs in this data directory. */
export async function serveRemote(
  dataDirectory: string,
  answer: (line: string) => string,
): Promise<{ close(): void }> {
  const path = socketPath(dataDirectory)
  // The control plane's lock says that nobody else runs here: a socket that is left is nobody's.
  rmSync(path, { force: true })
  const server = createServer(socket => {
    firstLine(socket)
      .then(line => socket.end(`${answer(line)}\n`))
      .catch(() => socket.destroy())
  })
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(path, done)
  })
  return { close: () => void server.close() }
}

/** What the demo that runs in this data directory answers to a line; `null` when none runs there. */
export async function askRemote(dataDirectory: string, line: string): Promise<string | null> {
  const socket = createConnection(socketPath(dataDirectory))
  try {
    await new Promise<void>((done, fail) => {
      socket.once('connect', done)
      socket.once('error', fail)
    })
  } catch {
    return null
  }
  socket.write(`${line}\n`)
  return firstLine(socket)
}
