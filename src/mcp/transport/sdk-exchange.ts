import type { Refusal } from '../admission/refusal.ts'
import type { ToolAccess } from '../tools/access/tool-access.ts'

/**
 * One message on its way through the SDK, and what admission said to it inside of a handler. A refusal is answered as
 * HTTP by whoever sent the message in, whatever the SDK made of it.
 */
export class Exchange {
  readonly access: ToolAccess
  /** The client knows links in answers. */
  readonly knowsLinks: boolean
  #refusal: Refusal | null = null
  #isAdmitted = false

  constructor(access: ToolAccess, { knowsLinks }: Pick<Exchange, 'knowsLinks'>) {
    this.access = access
    this.knowsLinks = knowsLinks
  }

  get refusal(): Refusal | null {
    return this.#refusal
  }

  /** False: no handler got as far as to ask. */
  get isAdmitted(): boolean {
    return this.#isAdmitted
  }

  admitted(): void {
    this.#isAdmitted = true
  }

  refused(refusal: Refusal): void {
    this.#refusal = refusal
  }
}

/** Methods whose handlers ask admission themselves, since what they demand is known only there. */
export const admitsItself = (method: string): boolean => SELF_ADMITTING.has(method)

const SELF_ADMITTING: ReadonlySet<string> = new Set(['tools/call', 'resources/read', 'completion/complete'])
