import { installDebianPackages } from './browser.ts'
import { missingTools } from './find-tools.ts'

/** Programs that tests drive the product with, and the Debian package each is in. */
const tools: Readonly<Record<string, string>> = {
  tcpdump: 'tcpdump',
  curl: 'curl',
  nginx: 'nginx-light',
  'docker-compose': 'docker-compose',
  haproxy: 'haproxy',
  wrk: 'wrk',
  h2load: 'nghttp2-client',
  prometheus: 'prometheus',
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
}

/**
 * Installs the missing ones where that is allowed. Tests that need one that stays missing are skipped, and say so; under
 * CI, where none may be, it throws.
 */
export function ensureTools(report: (line: string) => void): void {
  const missing = missingTools(...Object.keys(tools))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || missingTools('apt-get').length > 0) {
    if (process.env.CI) throw new Error(`Cannot test: expected all tools, found no ${missing.join(', ')}`)
    report(`missing: ${missing.join(', ')}; the tests that need them are skipped`)
    return
  }
  report(`installing ${missing.join(', ')} with apt-get`)
  installDebianPackages(missing.map(name => tools[name] ?? name))
}
