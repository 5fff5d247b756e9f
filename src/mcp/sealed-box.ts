import type { z } from 'zod'
import type { McpKeys } from '../crypto/keys/key-ring.ts'
import { openWith, sealWith } from '../crypto/sealed.ts'

/**
 * Seals what this server keeps where others may write. The store's writers could otherwise make a session for any owner
 * and put a credential of their own under his environment, or a plan for a change that nobody staged.
 */
export interface SealedBox {
  seal(value: unknown): Promise<string>
  /** Null for what was not sealed here as this thing, or does not fit the schema any more. */
  open<Schema extends z.ZodType>(sealed: string | null, schema: Schema): Promise<z.output<Schema> | null>
}

/** @param name tells one kind of content from another: `vault-session` does not open as `vault-handle` */
export function sealedBox(keys: () => McpKeys, name: string): SealedBox {
  const label = `mx-${name}`
  const typ = `${label}+jwe`
  return {
    seal: (value) => sealWith(keys().local.active.derive(label), typ, JSON.stringify(value)),
    open: async (sealed, schema) => {
      if (sealed === null) return null
      for (const key of keys().local.all) {
        const opened = await openWith(key.derive(label), typ, sealed)
        if (!opened.ok) continue
        const read = schema.safeParse(JSON.parse(new TextDecoder().decode(opened.value)))
        return read.success ? read.data : null
      }
      return null
    },
  }
}
