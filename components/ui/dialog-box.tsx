'use client'

import { Dialog } from '@base-ui/react/dialog'
import type { ReactNode } from 'react'
import styles from './dialog-box.module.css'

interface DialogBoxProps {
  /** What it is called, where nothing in it is a `Dialog.Title`. */
  readonly label?: string
  /** Says where it stands and how large it is. */
  readonly className: string | undefined
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A box over the page, which waits behind a veil until it is closed: by Esc, or by a press beside it. */
export function DialogBox({ label, className, onClose, children }: DialogBoxProps) {
  return (
    <Dialog.Root open onOpenChange={open => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.veil} />
        <Dialog.Popup className={`${className} ${styles.box}`} aria-label={label}>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
