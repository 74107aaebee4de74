import { pictureSteps } from './draw-picture.ts'
import type { Painting } from './painting.ts'

interface Sheet {
  readonly canvas: HTMLCanvasElement
  readonly context: CanvasRenderingContext2D
}

interface Shown {
  readonly sheet: Sheet
  readonly painting: Painting
}

/**
 * Shows a picture that takes longer to draw than a frame may: it is drawn a few steps at a time, and meanwhile the one
 * before stands in for it, moved and enlarged as the view is. The first is seen while it is drawn.
 */
export class SteadyPicture {
  #shown: Shown | null = null
  #spare: Sheet | null = null
  #underWay: (Shown & { readonly steps: Iterator<void> }) | null = null
  #wanted: Painting | null = null

  /** Draws this next. What is under way is finished first, so that something new is seen however often things change. */
  want(painting: Painting): void {
    this.#wanted = painting
  }

  /** Forgets what stands in: it is of another graph. */
  forget(): void {
    this.#spare ??= this.#shown?.sheet ?? this.#underWay?.sheet ?? null
    this.#shown = null
    this.#underWay = null
  }

  /** Whether there is a whole picture to show, or nothing but the beginning of one. */
  get isWhole(): boolean {
    return this.#shown !== null
  }

  /** Draws at least a step and then for about `budgetMs`; says whether there is more to draw. */
  work(budgetMs: number): boolean {
    const endMs = performance.now() + budgetMs
    do {
      this.#underWay ??= this.#begin()
      if (this.#underWay === null) return false
      const { sheet, painting, steps } = this.#underWay
      if (steps.next().done === true) {
        this.#spare = this.#shown?.sheet ?? null
        this.#shown = { sheet, painting }
        this.#underWay = null
      }
      // What was drawn is painted when it is read, and only then has it taken its time.
      sheet.context.getImageData(0, 0, 1, 1)
    } while (performance.now() < endMs)
    return this.#underWay !== null || this.#wanted !== null
  }

  /** Puts the newest picture there is where the view of `painting` has it, as strongly as `alpha` (0–1) says. */
  show(context: CanvasRenderingContext2D, { view, size, ratio }: Painting, alpha = 1): void {
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, size.width, size.height)
    const newest = this.#shown ?? this.#underWay
    if (newest === null) return
    const { sheet, painting: drawn } = newest
    const factor = view.scale / drawn.view.scale
    context.globalAlpha = alpha
    context.drawImage(
      sheet.canvas,
      view.left - drawn.view.left * factor,
      view.top - drawn.view.top * factor,
      drawn.size.width * factor,
      drawn.size.height * factor,
    )
    context.globalAlpha = 1
  }

  #begin(): (Shown & { readonly steps: Iterator<void> }) | null {
    const painting = this.#wanted
    const sheet = painting === null ? null : (this.#spare ?? newSheet())
    if (painting === null || sheet === null) return null
    this.#wanted = null
    this.#spare = null
    const [width, height] = [painting.size.width * painting.ratio, painting.size.height * painting.ratio]
    sheet.canvas.width = Math.round(width)
    sheet.canvas.height = Math.round(height)
    return { sheet, painting, steps: pictureSteps(sheet.context, painting) }
  }
}

function newSheet(): Sheet | null {
  const canvas = document.createElement('canvas')
  // Reading is how a step is brought to its end; without this each would wait for the graphics card.
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return context === null ? null : { canvas, context }
}
