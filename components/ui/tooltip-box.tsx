'use client'

import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { placeTooltip } from './place-tooltip.ts'
import styles from './tooltip-box.module.css'
import { type Tooltip, watchTooltips } from './watch-tooltips.ts'

/** Shows the description of what is hovered, tapped or reached by keyboard. One stands in every page. */
export function TooltipBox() {
  const [tooltip, setTooltip] = useState<Tooltip | null>(null)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => watchTooltips(document, () => box.current, setTooltip), [])
  useLayoutEffect(() => {
    if (tooltip === null || box.current === null) return
    const { width, height } = box.current.getBoundingClientRect()
    const about = tooltip.element.getBoundingClientRect()
    const view = { width: document.documentElement.clientWidth, height: window.innerHeight }
    const { left, top } = placeTooltip(about, { width, height }, view)
    box.current.style.translate = `${Math.round(left)}px ${Math.round(top)}px`
  }, [tooltip])
  if (tooltip === null) return null
  return (
    <div ref={box} role="tooltip" className={styles.box}>
      {tooltip.lines.map(({ about, words }) => (
        <p key={words}>
          {about.length > 0 && <span className={styles.about}>{about.join(', ')}: </span>}
          {words}
        </p>
      ))}
    </div>
  )
}
