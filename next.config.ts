import type { NextConfig } from 'next'
import { basePathPlaceholder } from './lib/api/base-path.ts'

const config: NextConfig = {
  basePath: basePathPlaceholder,
  // What of the packages a server needs is set apart, for images. Pages show no picture that has to be made smaller.
  output: 'standalone',
  outputFileTracingExcludes: { '*': ['node_modules/@img/**', 'node_modules/sharp/**'] },
  env: { MESHSCOPE_BASE_PATH: basePathPlaceholder },
  reactStrictMode: true,
  poweredByHeader: false,
  // The server compresses what it sends, pages included.
  compress: false,
  // `npm run typecheck` does that, of all code.
  typescript: { ignoreBuildErrors: true },
  // A page's server code is read when it is first asked for: a server starts quicker and smaller.
  experimental: { preloadEntriesOnStart: false },
  async redirects() {
    return [{ source: '/', destination: '/namespaces', permanent: false }]
  },
}

export default config
