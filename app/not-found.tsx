import styles from './namespaces/overview.module.css'

export default function NotFound() {
  return (
    <main className={styles.page} id="main">
      <h1 className={styles.title}>There is no such page</h1>
      <p>
        The mesh is at <a href="/namespaces">the overview</a>
      </p>
    </main>
  )
}
