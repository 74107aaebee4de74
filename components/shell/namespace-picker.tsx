'use client'

import { useParams, usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useRef, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { withTimeOf } from '#components/ui/page-path.ts'
import { usePart } from '#components/ui/use-part.ts'
import styles from './namespace-picker.module.css'
import { namespaceIn, namespaceTarget } from './namespace-target.ts'

const loadPanel = async () => (await import('./namespace-panel.tsx')).NamespacePanel

/** Chooses the namespace of pages that show one, and leads to a namespace's page from all others. */
export function NamespacePicker() {
  const search = useSearchParams()
  const pathname = usePathname()
  const router = useRouter()
  const panel = usePart(loadPanel)
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const chosen = namespaceIn(pathname, search, useParams())
  const Panel = panel.part
  return (
    <>
      <Button
        ref={button}
        className={`${styles.button} ${chosen === null ? '' : styles.chosen}`}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-label={`Namespace: ${chosen ?? 'all'}`}
        aria-description={
          panel.isLost ? 'It could not be loaded: reload the page once the server is back' : undefined
        }
        onPointerEnter={panel.want}
        onFocus={panel.want}
        onClick={() => {
          panel.want()
          setOpen(true)
        }}
      >
        <span className={styles.name}>{chosen ?? 'All namespaces'}</span>
        <Icon name="down" />
      </Button>
      {isOpen && Panel !== null && (
        <Panel
          anchor={button}
          chosen={chosen}
          onChoose={namespace =>
            router.push(withTimeOf(namespaceTarget(pathname, search, namespace), search))
          }
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}

/** The same before the address could be read. */
export function NamespacePickerAtRest() {
  return (
    <Button className={styles.button} aria-label="Namespace: all">
      <span className={styles.name}>All namespaces</span>
      <Icon name="down" />
    </Button>
  )
}
