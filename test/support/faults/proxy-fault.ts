/**
 * What a {@link FaultProxy} does to an exchange: what the client sends until the server has begun to answer, and that
 * answer. All but `bend` know nothing of a protocol. Times in milliseconds.
 */
export type ProxyFault =
  /** Taken and never answered, with the line left open: a half-open connection. The server sees nothing. */
  | { readonly kind: 'silence' }
  /** RST: when the client says its first word, so that the server sees nothing, or when the server has done it. */
  | { readonly kind: 'reset'; readonly when: 'asked' | 'answered' }
  /** The answer begins later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The answer begins when the test says so. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  /** The first bytes at once, or after a while, then one at a time. */
  | { readonly kind: 'drip'; readonly first: number; readonly everyMs: number; readonly afterMs?: number }
  /** The answer ends after so many bytes, its head included; by FIN, or by RST. */
  | { readonly kind: 'cut'; readonly after: number; readonly how: 'end' | 'reset' }
  /** These bytes, and then FIN; the server is not asked. Pieces are taken as the client reads. */
  | { readonly kind: 'instead'; readonly bytes: Iterable<Buffer> }
  /** Something else than what the server answered. */
  | {
      readonly kind: 'bend'
      /** What is sent in place of it; null: it is not whole yet. */
      readonly bend: (answered: Buffer) => Iterable<Buffer> | null
    }

/** When a fault strikes. */
export interface Strike {
  /** Only exchanges whose first packet holds this text. */
  readonly when?: string
  /** How many exchanges it hits; absent: until cleared. */
  readonly times?: number
}
