import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf'
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  GetDestinationSchema,
  type Update,
  UpdateSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import {
  CertifyRequestSchema,
  CertifyResponseSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/identity_pb.ts'
import { layout } from '#server/data/layout.ts'
import { openMeshFile } from '#server/platform/mesh-file/mesh-file.ts'
import type { Platform } from '#server/platform/platform.ts'
import { csr } from './identity/test-csr.ts'
import { startTestControl, type TestControl } from './test-control.ts'
import { mesh, webIdentity, webPod, webService } from './test-mesh.ts'

let folder: string
let platform: Platform
let control: TestControl
let clients: Client[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshscope-grpc-'))
  await writeFile(join(folder, 'mesh.yaml'), mesh(webService, webPod(1, 'a')))
  const opened = await openMeshFile({
    path: join(folder, 'mesh.yaml'),
    debounceMs: 10,
    clusterDomain: 'cluster.local',
    trustDomain: 'cluster.local',
    controlPlaneNamespace: 'linkerd',
  })
  if ('problems' in opened) throw new Error(opened.problems.join('\n'))
  platform = opened.platform
  control = await startTestControl(platform)
  clients = []
})
afterEach(async () => {
  for (const client of clients) client.close()
  await control.close()
  await platform.close()
  await rm(folder, { recursive: true, force: true })
})

function clientOf(port: number): Client {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  clients.push(client)
  return client
}

const writer =
  <T extends DescMessage>(schema: T) =>
  (message: MessageShape<T>): Buffer =>
    Buffer.from(toBinary(schema, message))
const reader =
  <T extends DescMessage>(schema: T) =>
  (bytes: Buffer): MessageShape<T> =>
    fromBinary(schema, bytes)

const get = '/io.linkerd.proxy.destination.Destination/Get'

function watch(path: string) {
  return clientOf(control.control.ports.destination).makeServerStreamRequest(
    get,
    writer(GetDestinationSchema),
    reader(UpdateSchema),
    create(GetDestinationSchema, { path }),
  )
}

describe('startGrpcServer(), spoken to by another implementation of gRPC', () => {
  test('answers calls', async () => {
    const token = await readFile(layout.token(control.root, 'shop', 'web-1'))
    const request = create(CertifyRequestSchema, {
      identity: webIdentity,
      token,
      certificateSigningRequest: await csr(),
    })
    const response = await new Promise<MessageShape<typeof CertifyResponseSchema> | undefined>(
      (resolve, reject) => {
        clientOf(control.control.ports.identity).makeUnaryRequest(
          '/io.linkerd.proxy.identity.Identity/Certify',
          writer(CertifyRequestSchema),
          reader(CertifyResponseSchema),
          request,
          (error, answer) => (error ? reject(error) : resolve(answer)),
        )
      },
    )
    expect(response?.leafCertificate.length).toBeGreaterThan(300)
    expect(response?.intermediateCertificates).toHaveLength(1)
  })

  test('streams updates until the client cancels', async () => {
    const stream = watch('web.shop.svc.cluster.local:80')
    const updates: Update['update']['case'][] = []
    stream.on('data', (update: Update) => updates.push(update.update.case))
    const ended = new Promise<ServiceError>(resolve => {
      stream.on('error', error => resolve(error as ServiceError))
    })
    await expect.poll(() => updates, { timeout: 5000 }).toEqual(['add'])
    await writeFile(join(folder, 'mesh.yaml'), webService)
    await expect.poll(() => updates, { timeout: 5000 }).toEqual(['add', 'noEndpoints'])
    stream.cancel()
    expect((await ended).code).toBe(status.CANCELLED)
  })

  test('answers errors with their codes', async () => {
    const code = (path: string): Promise<number> =>
      new Promise(resolve => {
        watch(path)
          .on('data', () => {})
          .on('error', error => resolve((error as ServiceError).code))
      })
    expect(await code('nobody.shop.svc.cluster.local:80')).toBe(status.NOT_FOUND)
    expect(await code('10.0.0.1:80')).toBe(status.INVALID_ARGUMENT)
  })

  test('tells open streams that it shuts down', async () => {
    const stream = watch('web.shop.svc.cluster.local:80')
    const ended = new Promise<ServiceError>(resolve => {
      stream.on('error', error => resolve(error as ServiceError))
    })
    await new Promise(resolve => {
      stream.once('data', resolve)
    })
    await control.control.close()
    expect((await ended).code).toBe(status.UNAVAILABLE)
  })
})
