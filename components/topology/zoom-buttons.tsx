import styles from './graph-canvas.module.css'

interface ZoomButtonsProps {
  readonly onZoom: (factor: number) => void
  readonly onFit: () => void
  readonly onReset: () => void
  /** How many nodes stand where somebody put them. */
  readonly pinned: number
}

const step = 1.4

/** Buttons at the upper right of the picture: larger, smaller, all of it, as it was. */
export function ZoomButtons({ onZoom, onFit, onReset, pinned }: ZoomButtonsProps) {
  return (
    <div className={styles.buttons}>
      <div className={styles.stack}>
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => onZoom(step)}>
          +
        </button>
        <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => onZoom(1 / step)}>
          −
        </button>
        <button type="button" aria-label="Fit all" title="Show all of it (0)" onClick={onFit}>
          <svg
            width="14"
            height="14"
            viewBox="0 0 16 16"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.6"
            aria-hidden="true"
          >
            <path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" />
          </svg>
        </button>
        <button
          type="button"
          aria-label="Reset layout"
          title={
            pinned === 0
              ? 'Arrange it anew'
              : `Arrange it anew, and forget the places of ${pinned} moved nodes`
          }
          onClick={onReset}
        >
          <svg
            width="14"
            height="14"
            viewBox="0 0 16 16"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.6"
            aria-hidden="true"
          >
            <path d="M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3" />
          </svg>
        </button>
      </div>
    </div>
  )
}
