import { spawnSync } from 'node:child_process'
import { installDebianPackages } from './browser.ts'

/** Programs that tests drive the product with, and the Debian package each is in. */
const tools: Readonly<Record<string, string>> = {
  tcpdump: 'tcpdump',
  curl: 'curl',
  nginx: 'nginx-light',
  'docker-compose': 'docker-compose',
  haproxy: 'haproxy',
  wrk: 'wrk',
  h2load: 'nghttp2-client',
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
}

/** Installs the missing ones where that is allowed; tests that need one that stays missing skip and say so. */
export function ensureTools(report: (line: string) => void): void {
  const missing = Object.keys(tools).filter(name => spawnSync('which', [name]).status !== 0)
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || spawnSync('which', ['apt-get']).status !== 0) {
    report(`missing: ${missing.join(', ')}; the tests that need them are skipped`)
    return
  }
  report(`installing ${missing.join(', ')} with apt-get`)
  installDebianPackages(missing.map(name => tools[name] ?? name))
}
