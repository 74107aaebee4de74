import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const systemPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * The path of a browser that pages can be tested in: Playwright's own if it is there, else the system's, else
 * Debian's, which is installed when that is allowed. Throws saying what to run when there is no way.
 */
export function ensureBrowser(report: (line: string) => void): string {
  const own = chromium.executablePath()
  if (existsSync(own)) return own
  const found = systemPaths.find(path => existsSync(path))
  if (found) return found
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    report('installing chromium with apt-get')
    installDebianPackages(['chromium'])
    const installed = systemPaths.find(path => existsSync(path))
    if (installed) return installed
  }
  throw new Error('Found no browser to test in: run `npx playwright install chromium`, or install Chromium')
}

/** Installs packages; throws with apt's own words when that fails. */
export function installDebianPackages(names: readonly string[]): void {
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...names],
  ]) {
    const result = spawnSync('apt-get', args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      encoding: 'utf8',
    })
    if (result.status !== 0) throw new Error(`apt-get ${args.join(' ')} failed: ${result.stderr.trim()}`)
  }
}
