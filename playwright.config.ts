import { defineConfig } from '@playwright/test'
import { ensureBrowser } from './scripts/browser.ts'

/**
 * The first two draw suggestions below an address bar that nobody sees: each window takes a second of a core to be ready
 * for it. The others are those that Playwright turns off, as naming any replaces its list.
 */
const disabledFeatures = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
]

export default defineConfig({
  testDir: 'e2e/pages',
  globalSetup: './e2e/pages/demo-setup.ts',
  timeout: 120_000,
  // A busy machine draws pages late; that is no fault of theirs.
  expect: { timeout: 15_000 },
  // Whole meshes are tested beside them.
  workers: 1,
  forbidOnly: true,
  reporter: [['list'], ['./scripts/playwright-counts.ts']],
  use: {
    launchOptions: {
      executablePath: process.env.MESHSCOPE_BROWSER ?? ensureBrowser(line => console.log(line)),
      // Chromium as root needs the first; the others keep it from asking its maker's hosts for anything.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        `--disable-features=${disabledFeatures.join(',')}`,
      ],
    },
  },
})
