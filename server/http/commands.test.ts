import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGolden } from '#server/golden/golden.ts'
import { addMarker } from '#server/golden/markers.ts'
import { createTestMesh, type TestMesh } from '#server/golden/test-mesh.ts'
import { createLog } from '#server/log.ts'
import { createDoors } from './doors.ts'
import { closeHttp, createHttp, listen } from './http.ts'

let mesh: TestMesh
let server: ReturnType<typeof createHttp>
let url: string
beforeEach(async () => {
  mesh = createTestMesh()
  server = createHttp({
    golden: createGolden(mesh),
    commands: { addMarker: body => addMarker(mesh, body) },
    doors: createDoors(/^127\.0\.0\.1(:\d+)?$/),
    registry: new Registry(),
    basePath: '',
    log: createLog(() => {}, Date.now),
    version: '1.2.3',
    mesh: () => mesh.platform.current(),
    unready: () => [],
    pages: null,
  })
  await listen(server, '127.0.0.1', 0, true)
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/markers`
})
afterEach(async () => {
  await closeHttp(server)
  await mesh.store.close()
})

const json = { 'content-type': 'application/json' }
const post = (body: string, headers: Record<string, string> = json) =>
  fetch(url, { method: 'POST', body, headers })

test('a marker is answered with 201 and its row, and is among the markers', async () => {
  const told = await post(JSON.stringify({ title: 'Rollout of web', namespace: 'shop' }))
  expect(told.status).toBe(201)
  const row = await told.json()
  expect(row).toMatchObject({ title: 'Rollout of web', namespace: 'shop', at: '2026-03-01T09:59:59.000Z' })
  expect(await (await fetch(url)).json()).toMatchObject({ rows: [row] })
})

test.each([
  ['a form', 'title=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'BODY_NOT_JSON'],
  ['no type', '{"title":"x"}', { 'content-type': '' }, 415, 'BODY_NOT_JSON'],
  ['no JSON', '{"title"', json, 415, 'BODY_NOT_JSON'],
  ['no title', '{}', json, 400, 'BAD_PARAMETER'],
  ['no such namespace', '{"title":"x","namespace":"nowhere"}', json, 404, 'UNKNOWN_NAMESPACE'],
  ['too much', `{"title":"${'x'.repeat(20_000)}"}`, json, 413, 'BODY_TOO_LARGE'],
  ['another origin', '{"title":"x"}', { ...json, origin: 'http://evil.example' }, 403, 'ORIGIN_REFUSED'],
])('a body with %s is refused', async (_, body, headers, status, code) => {
  const refused = await post(body, headers)
  expect(refused.status).toBe(status)
  expect(await refused.json()).toMatchObject({ error: { code, hint: expect.stringMatching(/./) } })
  expect(mesh.markers.list(0, Number.MAX_SAFE_INTEGER)).toEqual([])
})

test('a method that is neither question nor command is refused with those that are', async () => {
  const refused = await fetch(url, { method: 'DELETE' })
  expect(refused.status).toBe(405)
  expect(refused.headers.get('allow')).toBe('GET, HEAD, POST')
})

test('openapi.json tells of POST', async () => {
  const document = await (await fetch(new URL('/api/v1/openapi.json', url))).json()
  const told = {
    operationId: 'addMarker',
    requestBody: { content: { 'application/json': { schema: { required: ['title'] } } } },
    responses: { '201': { description: expect.any(String) } },
  }
  expect(document).toMatchObject({
    paths: { '/api/v1/markers': { get: { operationId: 'markers' }, post: told } },
  })
})
