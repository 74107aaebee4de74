import { createContext, type ReactNode, useContext } from 'react'

/** Whether what stands here is reached by keyboard with something else: in a row of a table with its link. */
export const ReachedOtherwise = createContext(false)

interface HintProps {
  /** The sentence shown on hover and focus; `undefined`: there is nothing to say. */
  readonly words: string | undefined
  readonly className?: string | undefined
  readonly children: ReactNode
}

/** Something short with a sentence behind it. Controls take the sentence themselves, as their `aria-description`. */
export function Hint({ words, className, children }: HintProps) {
  const isReached = useContext(ReachedOtherwise)
  const ownStop = words === undefined || isReached ? {} : { tabIndex: 0 }
  return (
    <span className={className} aria-description={words} {...ownStop}>
      {children}
    </span>
  )
}
