import styles from './direction-picker.module.css'

/** Whose traffic is shown: what came in, or what went out. */
type Direction = 'received' | 'sent'

const meanings: Readonly<Record<Direction, string>> = {
  received: 'What others asked of it, as it counted',
  sent: 'What it asked of others, as it counted',
}

interface DirectionPickerProps {
  readonly direction: Direction
  readonly onChoose: (direction: Direction) => void
}

/** Chooses between the traffic that came in and that went out. */
export function DirectionPicker({ direction, onChoose }: DirectionPickerProps) {
  return (
    <fieldset className={styles.picker} aria-label="Traffic">
      {(['received', 'sent'] as const).map(one => (
        <button
          key={one}
          type="button"
          className={styles.choice}
          aria-pressed={one === direction}
          title={meanings[one]}
          onClick={() => onChoose(one)}
        >
          {one}
        </button>
      ))}
    </fieldset>
  )
}
