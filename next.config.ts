import type { NextConfig } from 'next'

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // The server compresses what it sends, pages included.
  compress: false,
  async redirects() {
    return [{ source: '/', destination: '/namespaces', permanent: false }]
  },
}

export default config
