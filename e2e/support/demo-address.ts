/** Where the demo that runs for all page tests shows its pages. No demo runs while tests are only listed. */
export function demoAddress(): string {
  return process.env.MESHSCOPE_DEMO_ADDRESS ?? 'http://no-demo-runs.invalid'
}
