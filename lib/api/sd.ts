import * as z from 'zod/mini'

/** Proxies to scrape, as Prometheus' HTTP service discovery has them. */
export const scrapeTargetsSchema = z.array(
  z.object({
    /** `ip:port` of admin ports. */
    targets: z.array(z.string()),
    /** Those that Linkerd's own scrape configuration gives: `namespace`, `pod`, the owner, `control_plane_ns`. */
    labels: z.record(z.string(), z.string()),
  }),
)
export type ScrapeTargets = z.infer<typeof scrapeTargetsSchema>

export const scrapeTargetsPath = '/api/v1/sd'
