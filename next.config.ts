import type { NextConfig } from 'next'
import { basePathPlaceholder } from './lib/api/base-path.ts'

const config: NextConfig = {
  basePath: basePathPlaceholder,
  env: { MESHSCOPE_BASE_PATH: basePathPlaceholder },
  reactStrictMode: true,
  poweredByHeader: false,
  // The server compresses what it sends, pages included.
  compress: false,
  async redirects() {
    return [{ source: '/', destination: '/namespaces', permanent: false }]
  },
}

export default config
