'use client'

import { useEffect, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Icon } from '#components/ui/icon.tsx'
import { usePart } from '#components/ui/use-part.ts'
import styles from './palette-button.module.css'

const loadPalette = async () => (await import('./palette.tsx')).Palette

/** Opens the palette, as do Ctrl-K or ⌘K anywhere, and `/` where nothing is being typed or searched. */
export function PaletteButton() {
  const palette = usePart(loadPalette)
  const [isOpen, setOpen] = useState(false)
  const { want } = palette
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || !opensPalette(event)) return
      event.preventDefault()
      want()
      setOpen(true)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [want])
  const Palette = palette.part
  return (
    <>
      <Button
        className={styles.button}
        aria-label="Search and commands"
        aria-keyshortcuts="Control+K Meta+K /"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-description={
          palette.isLost ? 'It could not be loaded: reload the page once the server is back' : undefined
        }
        onPointerEnter={want}
        onFocus={want}
        onClick={() => {
          want()
          setOpen(true)
        }}
      >
        <Icon name="search" />
        <span className={styles.words}>Search</span>
        <kbd className={styles.key}>/</kbd>
      </Button>
      {isOpen && Palette !== null && <Palette onClose={() => setOpen(false)} />}
    </>
  )
}

function opensPalette(event: KeyboardEvent): boolean {
  if (event.key.toLowerCase() === 'k')
    return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return false
  const { target } = event
  return !(
    target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role="dialog"]')
  )
}
