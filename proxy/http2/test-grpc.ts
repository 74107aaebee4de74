import type { Buffer } from 'node:buffer'
import {
  ChannelCredentials,
  Client,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import type { Cleanup } from '#proxy/accept/test-sockets.ts'

const bytes = { serialize: (value: Buffer) => value, deserialize: (value: Buffer) => value }

function method(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/test.Echo/${name}`,
    requestStream,
    responseStream,
    requestSerialize: bytes.serialize,
    requestDeserialize: bytes.deserialize,
    responseSerialize: bytes.serialize,
    responseDeserialize: bytes.deserialize,
  }
}

/** A service of all four kinds of call, its messages being bytes. */
export const ECHO = {
  unary: method('Unary', false, false),
  gather: method('Gather', true, false),
  scatter: method('Scatter', false, true),
  chat: method('Chat', true, true),
} satisfies ServiceDefinition

/** A server of grpc-js on a free port of 127.0.0.1. */
export async function startGrpcApp(
  cleanup: Cleanup,
  implementation: UntypedServiceImplementation,
): Promise<number> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 })
  server.addService(ECHO, implementation)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  cleanup.add(server, () => server.forceShutdown())
  return port
}

/** A client of grpc-js whose calls go to `catalog` by way of a proxy. */
export function grpcClient(cleanup: Cleanup, { host, port }: { host: string; port: number }): Client {
  const client = new Client(`${host}:${port}`, ChannelCredentials.createInsecure(), {
    'grpc.default_authority': 'catalog',
    'grpc.max_receive_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
  })
  return cleanup.add(client, one => one.close())
}
