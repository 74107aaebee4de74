import type { ExpositionWriter, FamilyKind } from '#lib/metrics/exposition-writer.ts'
import { labelsText } from '#lib/metrics/exposition-writer.ts'
import type { ProcessStats } from './process-stats.ts'

/** What this build of the proxy is, as labels of `proxy_build_info`. */
export interface BuildInfo {
  readonly version: string
  readonly gitSha: string
  readonly date: string
}

/** What became of this proxy's certificates; the times are `null` before the first one. */
export interface CertificateStats {
  readonly expiresAtMs: number | null
  readonly refreshedAtMs: number | null
  readonly refreshes: number
  readonly failures: number
}

/** Families `control_identity_cert_*`, in OpenMetrics; gauges only once there is a certificate. */
export function renderCertificate(writer: ExpositionWriter, stats: CertificateStats): void {
  const { expiresAtMs, refreshedAtMs } = stats
  if (expiresAtMs !== null && refreshedAtMs !== null) {
    const gauge = (name: string, help: string, atMs: number): void => {
      writer.openMetricsFamily(name, 'gauge', help, 'seconds')
      writer.sample(name, '', atMs / 1000)
    }
    gauge(
      'control_identity_cert_expiration_timestamp_seconds',
      'When the certificate in use expires, in seconds since the Unix epoch',
      expiresAtMs,
    )
    gauge(
      'control_identity_cert_refresh_timestamp_seconds',
      'When the certificate in use was issued to this proxy, in seconds since the Unix epoch',
      refreshedAtMs,
    )
  }
  writer.openMetricsFamily(
    'control_identity_cert_refreshes',
    'counter',
    'Attempts to get a certificate, by result',
  )
  for (const [result, count] of [
    ['ok', stats.refreshes],
    ['error', stats.failures],
  ] as const) {
    writer.sample('control_identity_cert_refreshes_total', labelsText([['result', result]]), count)
  }
}

/** Families `process_*` and `proxy_build_info`, in OpenMetrics. */
export function renderProcess(writer: ExpositionWriter, stats: ProcessStats, build: BuildInfo): void {
  const print = (name: string, kind: FamilyKind, unit: string, value: number | null, help: string): void => {
    if (value === null) return
    writer.openMetricsFamily(name, kind, help, unit)
    writer.sample(kind === 'counter' ? `${name}_total` : name, '', value)
  }
  const { startTimeSeconds, clockTimeSeconds, uptimeSeconds, cpuSeconds } = stats
  print('process_start_time_seconds', 'gauge', 'seconds', startTimeSeconds, 'When the process started')
  print('process_clock_time_seconds', 'gauge', 'seconds', clockTimeSeconds, 'What the clock says now')
  print('process_uptime_seconds', 'counter', 'seconds', uptimeSeconds, 'Time since the process started')
  print('process_cpu_seconds', 'counter', 'seconds', cpuSeconds, 'CPU time used, user and system')
  print('process_virtual_memory_bytes', 'gauge', 'bytes', stats.virtualMemoryBytes, 'Virtual memory size')
  print('process_resident_memory_bytes', 'gauge', 'bytes', stats.residentMemoryBytes, 'Resident memory size')
  print('process_open_fds', 'gauge', '', stats.openFds, 'Open file descriptors')
  print('process_max_fds', 'gauge', '', stats.maxFds, 'Most file descriptors it may open')
  print('process_threads', 'gauge', '', stats.threads, 'Threads of the process')
  writer.openMetricsFamily('proxy_build_info', 'gauge', 'What this proxy was built from')
  const labels = labelsText([
    ['date', build.date],
    ['git_sha', build.gitSha],
    ['profile', 'release'],
    ['vendor', 'meshscope'],
    ['version', build.version],
  ])
  writer.sample('proxy_build_info', labels, 1)
}
