'use client'

import { useSyncExternalStore } from 'react'
import { chooseTheme, currentTheme, type Theme, themes, watchTheme } from './theme.ts'
import styles from './theme-toggle.module.css'

const shapes: Record<Theme, string> = {
  system: 'M2.5 3.5h11v7h-11zM6 13.5h4M8 10.5v3',
  light:
    'M8 5a3 3 0 1 0 0 6a3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  dark: 'M13.5 9.7A6 6 0 0 1 6.3 2.5a6 6 0 1 0 7.2 7.2z',
}

/** A button that goes from the device's theme to light, to dark, and back. */
export function ThemeToggle() {
  const theme = useSyncExternalStore(watchTheme, currentTheme, () => 'system' as const)
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system'
  return (
    <button
      className={styles.toggle}
      type="button"
      aria-label={`Theme: ${theme}. Switch to ${next}`}
      aria-description={`Theme: ${theme}`}
      onClick={() => chooseTheme(next)}
    >
      <svg
        width="16"
        height="16"
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.3"
        aria-hidden="true"
      >
        <path d={shapes[theme]} strokeLinecap="round" strokeLinejoin="round" />
      </svg>
    </button>
  )
}
