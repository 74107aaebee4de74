import { once } from 'node:events'
import { connect } from 'node:net'
import type { Turn } from './load.ts'

const LINES = 20

/** A turn is one connection to an app that gives back what it is sent; some are left in the middle. */
export function tcpTurn(host: string, port: number): Turn {
  return async (token, turn) => {
    const socket = connect({ host, port, allowHalfOpen: true })
    const closed = once(socket, 'close')
    // What comes back tells more than the error would.
    socket.on('error', () => {})
    let received = ''
    const isLeft = turn % 8 === 7
    socket.on('data', chunk => {
      received += chunk.toString('latin1')
      if (isLeft) socket.resetAndDestroy()
    })
    const sent = `\x01${`${token}\n`.repeat(LINES)}`
    if (isLeft) socket.write(sent)
    else socket.end(sent)
    await closed
    if (isLeft ? !sent.startsWith(received) || received === '' : received !== sent) {
      throw new Error(`expected ${JSON.stringify(sent)}, got ${JSON.stringify(received)}`)
    }
    return isLeft ? 'aborted' : 'answered'
  }
}
