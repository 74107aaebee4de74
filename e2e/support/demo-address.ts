/** Where the demo that runs for all page tests shows its pages. */
export function demoAddress(): string {
  const address = process.env.MESHSCOPE_DEMO_ADDRESS
  if (address === undefined)
    throw new Error('Cannot find the demo: expected MESHSCOPE_DEMO_ADDRESS to be set')
  return address
}
