export type Grade = 'good' | 'warn' | 'bad'

/** How good a success rate (0–1) is, by Linkerd's limits: bad below 90 %, a warning below 95 %. */
export function gradeOf(successRate: number): Grade {
  if (successRate < 0.9) return 'bad'
  return successRate < 0.95 ? 'warn' : 'good'
}
