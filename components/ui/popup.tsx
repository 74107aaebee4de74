'use client'

import { Popover } from '@base-ui/react/popover'
import type { ReactNode, RefObject } from 'react'
import styles from './popup.module.css'

interface PopupProps {
  /** What it is, for those who cannot see it. */
  readonly label: string
  /** The button it belongs to: it opens below that, and the focus goes back there. */
  readonly anchor: RefObject<HTMLElement | null>
  readonly align?: 'start' | 'end'
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Something that opens over the page, beside its button. Escape and a click elsewhere close it. Fetch it when wanted. */
export function Popup({ label, anchor, align = 'start', onClose, children }: PopupProps) {
  return (
    <Popover.Root open onOpenChange={open => !open && onClose()}>
      <Popover.Portal>
        <Popover.Positioner
          className={styles.positioner}
          anchor={anchor}
          align={align}
          sideOffset={6}
          collisionPadding={12}
        >
          <Popover.Popup className={styles.popup} aria-label={label} finalFocus={anchor}>
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
