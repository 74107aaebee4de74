/** Where the demo that runs for all page tests shows its pages. No demo runs while tests are only listed. */
export function demoAddress(): string {
  return process.env.MESHSCOPE_DEMO_ADDRESS ?? 'http://no-demo-runs.invalid'
}

/** The first three numbers of the addresses of its pods. */
export function demoSubnet(): string {
  return process.env.MESHSCOPE_DEMO_SUBNET ?? '127.0.0'
}
