/**
 * The part of the Reflect metadata proposal that @peculiar/x509 needs of its host, set up on import. It must come
 * before that library's own import.
 */
type Key = string | symbol
type Store = WeakMap<object, Map<Key | undefined, Map<unknown, unknown>>>

const store: Store = new WeakMap()

const reflection = {
  defineMetadata(key: unknown, value: unknown, target: object, property?: Key): void {
    const properties = store.get(target) ?? new Map<Key | undefined, Map<unknown, unknown>>()
    store.set(target, properties)
    const entries = properties.get(property) ?? new Map<unknown, unknown>()
    properties.set(property, entries)
    entries.set(key, value)
  },

  getOwnMetadata(key: unknown, target: object, property?: Key): unknown {
    return store.get(target)?.get(property)?.get(key)
  },

  getMetadata(key: unknown, target: object, property?: Key): unknown {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at) as object | null) {
      const entries = store.get(at)?.get(property)
      if (entries?.has(key)) return entries.get(key)
    }
    return undefined
  },
}

for (const [name, value] of Object.entries(reflection)) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, configurable: true, writable: true })
}
