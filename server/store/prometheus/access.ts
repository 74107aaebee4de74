import { readFile } from 'node:fs/promises'
import { StoreError } from '#server/store/store-error.ts'

/** Where a Prometheus is and what it wants to see of who asks. Secrets lie in files, which may be replaced at any time. */
export interface PrometheusAccess {
  /** `/api/v1/query` is asked below it. */
  readonly url: URL
  /** Holds the token. */
  readonly bearerTokenFile: string | undefined
  /** Holds `user:password`. */
  readonly basicAuthFile: string | undefined
  /** Holds a header a line, as `X-Scope-OrgID: tenant`. */
  readonly headersFile: string | undefined
  /** Holds certificates, as PEM, of authorities to trust besides those of the system. */
  readonly caFile: string | undefined
  /** For each question, from the first byte sent to the last received. */
  readonly timeoutMs: number
}

/** What the files of an access hold. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly ca: string | null
}

/** Reads the files anew. Rejects with a StoreError that names a file, and never tells what one holds. */
export async function readCredentials(access: PrometheusAccess): Promise<Credentials> {
  const headers: Record<string, string> = {}
  const { bearerTokenFile, basicAuthFile, headersFile, caFile } = access
  if (headersFile) {
    const lines = (await readText(headersFile)).split(/\r?\n/).filter(line => line.trim() !== '')
    for (const [i, line] of lines.entries()) {
      const [, name, value] = /^([!#$%&'*+.^_`|~0-9a-zA-Z-]+):\s*([\t\x20-\x7e]*)$/.exec(line.trim()) ?? []
      if (name === undefined || value === undefined)
        throw unreadable(headersFile, `expected "Name: value" in line ${i + 1}`)
      headers[name.toLowerCase()] = value
    }
  }
  if (basicAuthFile) {
    const pair = await readText(basicAuthFile)
    if (!pair.includes(':')) throw unreadable(basicAuthFile, 'expected user:password')
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  }
  if (bearerTokenFile) {
    const token = await readText(bearerTokenFile)
    if (!/^[\x21-\x7e]+$/.test(token)) throw unreadable(bearerTokenFile, 'expected one word')
    headers.authorization = `Bearer ${token}`
  }
  return { headers, ca: caFile ? await readText(caFile) : null }
}

async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

function unreadable(path: string, why: string, options?: ErrorOptions): StoreError {
  const hint = 'Mend the file: it is read again before the next question'
  return new StoreError(`Cannot read ${path} for Prometheus: ${why}`, hint, options)
}
