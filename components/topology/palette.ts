/** The colours of the page's theme, as a canvas takes them. */
export interface Palette {
  readonly ground: string
  readonly surface: string
  readonly line: string
  readonly lineStrong: string
  readonly text: string
  readonly textQuiet: string
  readonly accent: string
  readonly good: string
  readonly warn: string
  readonly bad: string
  readonly fontFamily: string
}

const variables = {
  ground: '--ground',
  surface: '--surface',
  line: '--line',
  lineStrong: '--line-strong',
  text: '--text',
  textQuiet: '--text-quiet',
  accent: '--accent',
  good: '--good',
  warn: '--warn',
  bad: '--bad',
} as const

/** The palette in effect within `element`. A variable's value is `light-dark(…)` until something is coloured by it. */
export function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement('span')
  probe.hidden = true
  element.append(probe)
  const read = (name: keyof typeof variables): string => {
    probe.style.color = `var(${variables[name]})`
    return getComputedStyle(probe).color
  }
  const palette: Palette = {
    ground: read('ground'),
    surface: read('surface'),
    line: read('line'),
    lineStrong: read('lineStrong'),
    text: read('text'),
    textQuiet: read('textQuiet'),
    accent: read('accent'),
    good: read('good'),
    warn: read('warn'),
    bad: read('bad'),
    fontFamily: getComputedStyle(probe).fontFamily,
  }
  probe.remove()
  return palette
}
