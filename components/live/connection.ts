/** How the page stands with the server. Times are of the server's clock. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'lost'; readonly sinceMs: number }
  /** Live again, after `awayMs` without. */
  | { readonly state: 'regained'; readonly atMs: number; readonly awayMs: number }

/** The connection after the socket opened. Only one that was lost before is regained. */
export function afterOpened(connection: Connection, nowMs: number): Connection {
  if (connection.state !== 'lost') return { state: 'live' }
  return { state: 'regained', atMs: nowMs, awayMs: nowMs - connection.sinceMs }
}

/** The connection after the socket closed, or could not open; `sinceMs` stays that of the first time. */
export function afterLost(connection: Connection, nowMs: number): Connection {
  return connection.state === 'lost' ? connection : { state: 'lost', sinceMs: nowMs }
}
