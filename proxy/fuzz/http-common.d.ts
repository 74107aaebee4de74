/** Node's own HTTP/1 parser, as `node:http` drives it. */
declare module 'node:_http_common' {
  import type { Buffer } from 'node:buffer'

  export class HTTPParser {
    static readonly REQUEST: number
    static readonly kOnHeaders: number
    static readonly kOnHeadersComplete: number
    static readonly kOnBody: number
    static readonly kOnMessageComplete: number
    initialize(type: number, resource: object, maxHeaderBytes: number, lenientFlags: number): void
    /** Bytes read, or why not. */
    execute(bytes: Buffer): number | (Error & { readonly code: string })
    close(): void
    [callback: number]: unknown
  }

  /** By the number that the parser gives. */
  export const methods: readonly string[]
}
