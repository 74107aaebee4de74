import type { Metadata, Viewport } from 'next'
import localFont from 'next/font/local'
import { type ReactNode, Suspense } from 'react'
import { basePath } from '#components/live/base-path.ts'
import { LiveProvider } from '#components/live/live-provider.tsx'
import { MeshStatus, MeshStatusAtRest } from '#components/shell/mesh-status.tsx'
import { SiteHeader } from '#components/shell/site-header.tsx'
import { themeScript } from '#components/ui/theme.ts'
import { Toaster } from '#components/ui/toaster.tsx'
import { Tooltips } from '#components/ui/tooltips.tsx'
import '#components/ui/tokens.css'

const inter = localFont({
  src: '../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  variable: '--font-inter',
  weight: '100 900',
})

export const metadata: Metadata = {
  title: { default: 'meshscope', template: '%s · meshscope' },
  description: 'What the service mesh is doing',
  icons: { icon: `${basePath}/icon.svg` },
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#141a22' },
  ],
}

export default function RootLayout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en" className={inter.variable} suppressHydrationWarning>
      <head>
        {/* A constant that has to run before first paint. */}
        <script dangerouslySetInnerHTML={{ __html: themeScript }} />
      </head>
      <body>
        <LiveProvider>
          <SiteHeader />
          <Suspense fallback={<MeshStatusAtRest />}>
            <MeshStatus />
          </Suspense>
          {children}
          <Toaster />
          <Tooltips />
        </LiveProvider>
      </body>
    </html>
  )
}
