import { createServer } from 'node:net'

/** Whether nobody listens there. */
export function canListen(host: string, port: number): Promise<boolean> {
  return new Promise(done => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, host, () => server.close(() => done(true)))
  })
}

/**
 * The first three numbers of a /24 of loopback addresses whose proxy ports nobody uses: `127.82.17`.
 * The second is even, so that the apps' network beside it is free too.
 */
export async function freeSubnet(): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const subnet = `127.${64 + 2 * Math.floor(Math.random() * 90)}.${Math.floor(Math.random() * 250)}`
    if (await canListen(`${subnet}.2`, 4143)) return subnet
  }
  throw new Error('Found no free loopback subnet in 50 tries')
}

/** A port of 127.0.0.1 that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
