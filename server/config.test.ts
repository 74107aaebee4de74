import { describe, expect, test } from 'vitest'
import { helpText, readConfig } from './config.ts'

describe('readConfig()', () => {
  test('fills in the defaults, when only the mesh file is given', () => {
    const result = readConfig(['--mesh-file', '/etc/mesh.yaml'], { XDG_DATA_HOME: '/data' })
    expect(result).toMatchObject({
      kind: 'config',
      config: {
        meshFile: '/etc/mesh.yaml',
        dataDir: '/data/meshscope',
        port: 8084,
        portGiven: false,
        scrapeIntervalMs: 5000,
        issuanceLifetimeMs: 86_400_000,
      },
    })
    expect(result.kind === 'config' && [...result.config.roles]).toEqual(['control', 'collect', 'web'])
  })

  test('lets a flag go before its variable', () => {
    const result = readConfig(['--port=9000', '--mesh-file=m.yaml'], { MESHSCOPE_PORT: '9001' })
    expect(result).toMatchObject({ config: { port: 9000, portGiven: true } })
  })

  test('takes a path prefix without the slash at its end', () => {
    const basePath = (path: string) => readConfig(['--mesh-file=m', `--base-path=${path}`], {})
    expect(basePath('/team/mesh/')).toMatchObject({ config: { basePath: '/team/mesh' } })
    expect(basePath('team')).toEqual({
      kind: 'problems',
      problems: ['--base-path: expected a path as /mesh, of letters, digits and . _ ~ : @ -, and got "team"'],
    })
  })

  test('reads sizes and numbers, and refuses what is none', () => {
    const bounds = (...args: string[]) => readConfig(['--mesh-file=m', ...args], {})
    expect(bounds()).toMatchObject({
      config: { maxSeriesPerProxy: 100_000, maxSeries: 1_500_000, recentMemoryBytes: 268_435_456 },
    })
    expect(bounds('--recent-memory=2GiB', '--max-series=1_000')).toMatchObject({
      config: { maxSeries: 1_000, recentMemoryBytes: 2_147_483_648 },
    })
    expect(bounds('--recent-memory=5MB', '--max-series=0')).toEqual({
      kind: 'problems',
      problems: [
        '--max-series: expected a whole number above 0, and got "0"',
        '--recent-memory: expected a size as 64MiB or 1GiB, and got "5MB"',
      ],
    })
  })

  test('admits the address it listens on, besides the usual names', () => {
    const isAnswered = (host: string, ...args: string[]) => {
      const result = readConfig(['--mesh-file=m', ...args], {})
      return result.kind === 'config' && result.config.enforcedHost.test(host)
    }
    expect(isAnswered('127.0.0.9:8084')).toBe(false)
    expect(isAnswered('127.0.0.9:8084', '--address=127.0.0.9')).toBe(true)
    expect(isAnswered('127.0.0x9:8084', '--address=127.0.0.9')).toBe(false)
    expect(isAnswered('localhost:8084', '--address=127.0.0.9')).toBe(true)
    expect(isAnswered('[fd00::9]:8084', '--address=fd00:0::9', '--authentication=none')).toBe(true)
    expect(isAnswered('mesh.example', '--address=Mesh.example', '--authentication=none')).toBe(true)
    expect(isAnswered('127.0.0.9', '--address=127.0.0.9', '--enforced-host=^mesh$')).toBe(false)
  })

  test.each([
    ['--address=1:2', '--address: expected an address or a name of this machine, and got "1:2"'],
    ['--authentication=basic', '--authentication: expected none, or to be left out, and got "basic"'],
  ])('refuses %s', (arg, problem) => {
    expect(readConfig(['--mesh-file=m', arg], {})).toEqual({ kind: 'problems', problems: [problem] })
  })

  test('names every problem at once', () => {
    const result = readConfig(
      ['--prot', '9000', '--scrape-interval', 'banana', '--address=0.0.0.0', '--roles=web', 'extra'],
      {},
    )
    expect(result).toEqual({
      kind: 'problems',
      problems: [
        'Unknown flag --prot, did you mean --port?',
        'Unexpected argument "extra", only flags are allowed',
        '--scrape-interval: expected a duration as 500ms, 5s, 1m or 24h, and got "banana"',
        '--mesh-file: expected the file or folder that describes the mesh, and got none',
        '--roles: expected web together with collect, and got web without it: its numbers lie in collect',
        '--address: expected a loopback address, for over the network nobody is told apart, and got "0.0.0.0"; --authentication none lets everybody in',
      ],
    })
  })

  test.each(['65536', '-1', '80a', ''])('refuses the port %j', text => {
    expect(readConfig(['--mesh-file=m', `--port=${text}`], {}).kind).toBe('problems')
  })

  test('asks for a value, when a flag comes last', () => {
    expect(readConfig(['--mesh-file=m', '--port'], {})).toEqual({
      kind: 'problems',
      problems: ['--port: expected a value after it, and got none'],
    })
  })

  test('gives help before anything else', () => {
    expect(readConfig(['--nonsense', '--help'], {})).toEqual({ kind: 'help' })
    expect(helpText()).toContain('--default-inbound-policy')
  })
})
