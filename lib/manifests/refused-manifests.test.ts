import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadManifests } from './load-manifests.ts'
import { formatProblem } from './problem.ts'

const settings = {
  clusterDomain: 'cluster.local',
  trustDomain: 'cluster.local',
  controlPlaneNamespace: 'linkerd',
}

function problems(...texts: string[]): string[] {
  const loaded = loadManifests(
    texts.map((text, index) => ({ name: `mesh${index || ''}.yaml`, text })),
    settings,
  )
  return 'problems' in loaded ? loaded.problems.map(formatProblem) : []
}

const web = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  selector: { app: web }
  ports:
    - { name: http, port: 80, targetPort: http }
`

const webPod = `apiVersion: v1
kind: Pod
metadata:
  name: web-1
  namespace: shop
  creationTimestamp: "2024-01-01T00:00:00Z"
  labels:
    app: web
    linkerd.io/control-plane-ns: linkerd
    linkerd.io/proxy-deployment: web
  annotations: { config.linkerd.io/admin-port: "5191" }
spec:
  serviceAccountName: web
  nodeName: one
  containers:
    - name: app
      image: web:1
      ports: [{ name: http, containerPort: 8080 }]
status:
  phase: Running
  podIP: 127.18.0.2
`

describe('loadManifests()', () => {
  test('refuses an unknown field at its line and column, and names the nearest', () => {
    expect(problems(web.replace('selector', 'selecter'))).toEqual([
      'mesh.yaml:5:3: Service shop/web: spec.selecter: expected a known field, found "selecter"; perhaps selector',
    ])
  })

  test('refuses wrong types, every one of them', () => {
    const broken = web.replace('port: 80', 'port: eighty').replace('{ app: web }', '{ app: 1 }')
    expect(problems(broken)).toEqual([
      'mesh.yaml:5:20: Service shop/web: spec.selector.app: expected text, found 1',
      'mesh.yaml:7:27: Service shop/web: spec.ports[0].port: expected a whole number from 1 to 65535, found "eighty"',
    ])
  })

  test('refuses a name that is taken, in whichever file', () => {
    expect(problems(web, `\n\n${web}`)).toEqual([
      'mesh1.yaml:5:19: Service shop/web: metadata.name: expected a name of its own, found one that mesh.yaml:3 has',
    ])
  })

  test('refuses an address that another instance has, save on 127.0.0.1 with other ports', () => {
    const other = webPod.replace('name: web-1', 'name: web-2')
    expect(problems(`${webPod}---\n${other}`)).toEqual([
      expect.stringContaining(
        'status.podIP: expected an address of its own, found 127.18.0.2, which shop/web-1 has',
      ),
    ])
    const home = (pod: string): string => pod.replace('127.18.0.2', '127.0.0.1')
    const port = (name: string): string => `config.linkerd.io/${name}-port: "5${name.length}00"`
    const moved = other.replace(
      /annotations: .*/,
      `annotations: { ${['inbound', 'outbound', 'admin'].map(port).join(', ')}, config.linkerd.io/control-port: "4999" }`,
    )
    expect(problems(`${home(webPod)}---\n${home(moved)}`)).toEqual([])
    expect(problems(`${home(webPod)}---\n${home(other)}`)).toHaveLength(1)
  })

  test('refuses references to objects that nobody wrote', () => {
    const split = `apiVersion: split.smi-spec.io/v1alpha1
kind: TrafficSplit
metadata: { name: split, namespace: shop }
spec: { service: web, backends: [{ service: web-v2, weight: 1 }] }
`
    expect(problems(web, split)).toEqual([
      expect.stringMatching(
        /spec\.backends\[0\]\.service: expected a Service that exists, found no Service shop\/web-v2$/,
      ),
    ])
    const profile = (name: string): string =>
      `{apiVersion: linkerd.io/v1alpha2, kind: ServiceProfile, metadata: {name: ${name}}, spec: {}}`
    expect(problems(profile('web.shop.svc.cluster.local'))).toEqual([
      expect.stringContaining('metadata.name: expected a Service that exists, found no Service shop/web'),
    ])
    expect(problems(profile('example.com'))).toEqual([
      expect.stringContaining('expected <service>.<namespace>.svc.cluster.local, found example.com'),
    ])
  })

  test('does not call a reference dangling when its object is there but broken', () => {
    const profile =
      '{apiVersion: linkerd.io/v1alpha2, kind: ServiceProfile, metadata: {name: web.shop.svc.cluster.local}, spec: {}}'
    expect(problems(web.replace('selector', 'selecter'), profile)).toHaveLength(1)
  })

  test('refuses profiles that say nothing or too much', () => {
    const profile = (spec: string): string =>
      `{apiVersion: linkerd.io/v1alpha2, kind: ServiceProfile, metadata: {name: web.shop.svc.cluster.local}, spec: ${spec}}`
    const complaint = (spec: string): string => problems(web, profile(spec)).join('\n')
    expect(complaint('{routes: [{name: a, condition: {}}]}')).toMatch(/condition: expected one of pathRegex/)
    expect(complaint('{routes: [{name: a, condition: {pathRegex: "("}}]}')).toMatch(
      /expected a regular expression/,
    )
    expect(complaint('{routes: [{name: "", condition: {method: GET}}]}')).toMatch(/name: expected a name/)
    expect(complaint('{routes: [{name: a, condition: {method: GET}, timeout: soon}]}')).toMatch(
      /timeout: expected a d/,
    )
    expect(
      complaint(
        '{routes: [{name: a, condition: {method: GET}, responseClasses: [{condition: {status: {min: 99}}}]}]}',
      ),
    ).toMatch(/status\.min: expected a whole number from 100 to 599, found 99/)
    expect(complaint('{retryBudget: {retryRatio: -1, minRetriesPerSecond: 1, ttl: 10s}}')).toMatch(
      /retryRatio/,
    )
    expect(complaint('{retryBudget: {retryRatio: 0.2, minRetriesPerSecond: 1}}')).toMatch(
      /ttl: expected a value/,
    )
  })

  test('refuses YAML that is none, an alias bomb and a deep nest, without throwing', () => {
    expect(problems('a: [1')[0]).toMatch(/^mesh\.yaml:1:\d+: /)
    expect(problems('a: 1\na: 2')[0]).toMatch(/^mesh\.yaml:2:1: expected each key once, found a again$/)
    const bomb = ['a: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let depth = 1; depth < 9; depth++) {
      bomb.push(
        `a${depth}: &a${depth} [${Array(10)
          .fill(`*a${depth - 1}`)
          .join(', ')}]`,
      )
    }
    expect(problems(bomb.join('\n'))[0]).toMatch(/alias/i)
    const nest = `${'{not: '.repeat(200)}{method: GET}${'}'.repeat(200)}`
    const profile = `{apiVersion: linkerd.io/v1alpha2, kind: ServiceProfile, metadata: {name: web.shop.svc.cluster.local}, spec: {routes: [{name: a, condition: ${nest}}]}}`
    expect(problems(web, profile)[0]).toMatch(/expected at most 40 levels of nesting/)
  })

  test('refuses annotations that decide on traffic and cannot be read', () => {
    const annotated = (annotation: string): string[] =>
      problems(webPod.replace('config.linkerd.io/admin-port: "5191"', annotation))
    expect(annotated('config.linkerd.io/default-inbound-policy: all-authentcated')).toEqual([
      expect.stringMatching(
        /^mesh\.yaml:11:60: Pod shop\/web-1: metadata\.annotations\["config.*"\]: expected one of .*, found "all-authentcated"$/,
      ),
    ])
    expect(annotated('config.linkerd.io/opaque-ports: "25,90-80"')).toHaveLength(1)
    expect(annotated('config.linkerd.io/opaque-ports: "25,80-90,admin"')).toEqual([])
    expect(annotated('config.linkerd.io/admin-port: "70000"')).toHaveLength(1)
  })

  test('never throws, whatever the text', () => {
    const lines = `${web}---\n${webPod}`.split('\n')
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...lines), fc.string({ maxLength: 12 })), { maxLength: 30 }),
        parts => {
          const loaded = loadManifests([{ name: 'fuzz.yaml', text: parts.join('\n') }], settings)
          return (
            'state' in loaded || loaded.problems.every(problem => problem.line >= 1 && problem.column >= 1)
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  test('never throws on odd values in known places', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.constantFrom('metadata', 'spec', 'status'), (odd, field) => {
        const text = JSON.stringify({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'a' },
          [field]: JSON.parse(odd) as unknown,
        })
        const loaded = loadManifests([{ name: 'fuzz.json', text }], settings)
        return 'state' in loaded || loaded.problems.length > 0
      }),
      { numRuns: 300 },
    )
  })
})
