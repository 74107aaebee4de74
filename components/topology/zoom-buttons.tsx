import { Button } from '#components/ui/button.tsx'
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
  const anew =
    pinned === 0 ? 'Arrange it anew' : `Arrange it anew, and forget the places of ${pinned} moved nodes`
  const buttons = [
    { name: 'Zoom in', meaning: 'Zoom in (+)', path: 'M8 3v10M3 8h10', onClick: () => onZoom(step) },
    { name: 'Zoom out', meaning: 'Zoom out (−)', path: 'M3 8h10', onClick: () => onZoom(1 / step) },
    {
      name: 'Fit all',
      meaning: 'Show all of it (0)',
      path: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4',
      onClick: onFit,
    },
    { name: 'Reset layout', meaning: anew, path: 'M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3', onClick: onReset },
  ]
  return (
    <div className={styles.buttons}>
      {buttons.map(({ name, meaning, path, onClick }) => (
        <Button key={name} square aria-label={name} aria-description={meaning} onClick={onClick}>
          <svg
            width="14"
            height="14"
            viewBox="0 0 16 16"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.6"
            aria-hidden="true"
          >
            <path d={path} />
          </svg>
        </Button>
      ))}
    </div>
  )
}
