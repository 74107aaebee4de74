/** A text in a font and a colour, with an edge of another colour around it. */
interface TextStyle {
  readonly font: string
  readonly fill: string
  readonly halo: string
}

interface Sprite {
  readonly image: HTMLCanvasElement | null
  readonly widthPx: number
  readonly heightPx: number
}

const mostSprites = 4_000
const haloPx = 3
const linePx = 16

const mostWidths = 20_000

/**
 * Keeps texts as pictures: drawing one is a copy, where drawing letters with a halo takes twenty times as long. It
 * forgets all of them when there are over 4,000, and all widths when there are over 20,000.
 */
export class TextSprites {
  private readonly sprites = new Map<string, Sprite>()
  private readonly widths = new Map<string, Map<string, number>>()
  private readonly measure = document.createElement('canvas').getContext('2d')

  constructor(private readonly ratio: number) {}

  /** How wide the text is drawn, its halo included. It is measured, and not painted yet. */
  widthOf(text: string, { font }: Pick<TextStyle, 'font'>): number {
    let ofFont = this.widths.get(font)
    if (ofFont === undefined) {
      ofFont = new Map()
      this.widths.set(font, ofFont)
    }
    const known = ofFont.get(text)
    if (known !== undefined || !this.measure) return known ?? 0
    if (ofFont.size >= mostWidths) ofFont.clear()
    this.measure.font = font
    const widthPx =
      Math.ceil((Math.ceil(this.measure.measureText(text).width) + 2 * haloPx) * this.ratio) / this.ratio
    ofFont.set(text, widthPx)
    return widthPx
  }

  /** Draws the text with its upper left corner at a point of the screen. */
  draw(context: CanvasRenderingContext2D, text: string, style: TextStyle, left: number, top: number): void {
    const { image, widthPx, heightPx } = this.sprite(text, style)
    // Whole pixels of the device keep letters sharp.
    const x = Math.round(left * this.ratio) / this.ratio
    const y = Math.round(top * this.ratio) / this.ratio
    if (image) context.drawImage(image, x, y, widthPx, heightPx)
  }

  private sprite(text: string, style: TextStyle): Sprite {
    const key = `${style.font}\n${style.fill}\n${style.halo}\n${text}`
    const known = this.sprites.get(key)
    if (known) return known
    if (this.sprites.size >= mostSprites) this.sprites.clear()
    const sprite = this.paint(text, style)
    this.sprites.set(key, sprite)
    return sprite
  }

  private paint(text: string, { font, fill, halo }: TextStyle): Sprite {
    const widthPx = this.widthOf(text, { font })
    const image = document.createElement('canvas')
    image.width = Math.ceil(widthPx * this.ratio)
    image.height = Math.ceil(linePx * this.ratio)
    const context = image.getContext('2d')
    if (!context) return { image: null, widthPx: 0, heightPx: 0 }
    context.scale(this.ratio, this.ratio)
    context.font = font
    context.textBaseline = 'middle'
    context.lineJoin = 'round'
    context.lineWidth = haloPx * 2
    context.strokeStyle = halo
    context.strokeText(text, haloPx, linePx / 2)
    context.fillStyle = fill
    context.fillText(text, haloPx, linePx / 2)
    return { image, widthPx: image.width / this.ratio, heightPx: image.height / this.ratio }
  }
}

/** The height of every drawn text. */
export const textHeightPx = linePx
