'use client'

import { Dialog } from '@base-ui/react/dialog'
import { DialogBox } from '#components/ui/dialog-box.tsx'
import { Icon } from '#components/ui/icon.tsx'
import styles from './key-list.module.css'
import { pages } from './pages.ts'

type Entry = readonly [keys: readonly string[], words: string]

const groups: readonly { readonly title: string; readonly entries: readonly Entry[] }[] = [
  {
    title: 'Everywhere',
    entries: [
      [['/'], 'Search and commands, as Ctrl-K or ⌘K'],
      [['?'], 'This list'],
      [['Esc'], 'Close what is open; empty a filter'],
    ],
  },
  { title: 'Go to', entries: pages.map(({ key, name }): Entry => [['g', key], name]) },
  {
    title: 'Topology, with the picture in focus',
    entries: [
      [['/'], 'Find a node'],
      [['←', '↑', '→', '↓'], 'Walk from node to node'],
      [['Enter'], 'Open the numbers of the node'],
      [['+', '−'], 'Zoom'],
      [['0'], 'Show all of it'],
    ],
  },
  {
    title: 'Tables and charts',
    entries: [
      [['Tab'], 'The next heading or row, with what stands behind its words'],
      [['Enter'], 'Sort by the heading; open the row'],
      [['←', '→'], 'The next choice of a group'],
    ],
  },
]

/** The keys that do something, in a dialog. */
export function KeyList({ onClose }: { readonly onClose: () => void }) {
  return (
    <DialogBox className={styles.dialog} onClose={onClose}>
      <header className={styles.head}>
        <Dialog.Title className={styles.title}>Keys</Dialog.Title>
        <Dialog.Close className={styles.close} aria-label="Close">
          <Icon name="close" />
        </Dialog.Close>
      </header>
      <div className={styles.groups}>
        {groups.map(({ title, entries }) => (
          <section key={title} className={styles.group}>
            <h3 className={styles.heading}>{title}</h3>
            <dl className={styles.entries}>
              {entries.map(([keys, words]) => (
                <div key={words} className={styles.entry}>
                  <dt className={styles.keys}>
                    {keys.map(key => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </DialogBox>
  )
}
