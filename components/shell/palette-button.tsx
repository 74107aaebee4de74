'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { withTimeOf } from '#components/ui/page-path.ts'
import { usePart } from '#components/ui/use-part.ts'
import styles from './palette-button.module.css'
import { readShellKeys } from './shell-keys.ts'

const loadPalette = async () => (await import('./palette.tsx')).Palette
const loadKeys = async () => (await import('./key-list.tsx')).KeyList

/** Opens the palette, and listens to the keys that do something anywhere: for it, for the list of them, for pages. */
export function PaletteButton() {
  const palette = usePart(loadPalette)
  const keys = usePart(loadKeys)
  const [open, setOpen] = useState<'palette' | 'keys' | null>(null)
  const router = useRouter()
  const { want } = palette
  const { want: wantKeys } = keys
  useEffect(() => {
    const read = readShellKeys()
    const onKey = (event: KeyboardEvent) => {
      const asked = read(event)
      if (asked === null) return
      event.preventDefault()
      if (asked === 'palette') want()
      else if (asked === 'keys') wantKeys()
      else return router.push(withTimeOf(asked.path, new URLSearchParams(window.location.search)))
      setOpen(asked)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [want, wantKeys, router])
  const [Palette, KeyList] = [palette.part, keys.part]
  const close = () => setOpen(null)
  const showKeys = () => {
    wantKeys()
    setOpen('keys')
  }
  return (
    <>
      <Button
        className={styles.button}
        aria-label="Search and commands"
        aria-keyshortcuts="Control+K Meta+K /"
        aria-haspopup="dialog"
        aria-expanded={open === 'palette'}
        aria-description={
          palette.isLost ? 'It could not be loaded: reload the page once the server is back' : undefined
        }
        onPointerEnter={want}
        onFocus={want}
        onClick={() => {
          want()
          setOpen('palette')
        }}
      >
        <Icon name="search" />
        <span className={styles.words}>Search</span>
        <kbd className={styles.key}>/</kbd>
      </Button>
      {open === 'palette' && Palette !== null && <Palette onClose={close} onKeys={showKeys} />}
      {open === 'keys' && KeyList !== null && <KeyList onClose={close} />}
    </>
  )
}
