import type { Touch } from './object-rights.ts'
import type { Scope } from './scopes.ts'

/** What a parsed message asks of its caller; the store call is made for it. */
export type Demand =
  /** Any message that uses no tool: spends one unit of the caller's profile rate, takes no lease and no quota. */
  | { readonly kind: 'message'; readonly method: string }
  | {
      readonly kind: 'tool'
      readonly tool: string
      /** The method that uses it; `tools/call` unless said. */
      readonly method?: string
      /** All are needed. */
      readonly scopes: readonly Scope[]
      /** A plan's feature that the tool belongs to. */
      readonly feature?: string
      readonly effect: 'read' | 'write'
      /** What it is known to touch before it runs. */
      readonly touches?: readonly Touch[]
      /** Units of the quotas; 0: it counts against rates and concurrency alone. */
      readonly costUnits: number
    }

/** The address by which a request came in (design §8, §11). */
export interface Door {
  /** `automation`: `/ci/mcp`, without OAuth metadata in its 401. */
  readonly kind: 'oauth' | 'automation'
  /** Environment id of `/mcp/<environment id>`, else null. */
  readonly environment: string | null
}
