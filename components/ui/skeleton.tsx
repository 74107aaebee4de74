import styles from './skeleton.module.css'

/** A grey bar in the place of text that is still on its way. */
export function Skeleton({ size }: { readonly size: 'short' | 'long' }) {
  return <span className={`${styles.bar} ${styles[size]}`} aria-hidden="true" />
}
