import { defineConfig } from '@playwright/test'
import { ensureBrowser } from './scripts/browser.ts'

export default defineConfig({
  testDir: 'e2e/pages',
  globalSetup: './e2e/pages/demo-setup.ts',
  timeout: 60_000,
  // A busy machine draws pages late; that is no fault of theirs.
  expect: { timeout: 15_000 },
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
      ],
    },
  },
})
