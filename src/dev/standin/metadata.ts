type Metadata = Record<string, unknown>

/** Clerk's limit per metadata field. */
export const MAX_METADATA_BYTES = 8192

/**
 * Merges as `PATCH /v1/users/{id}/metadata` does: objects at every level, `null` removes a key, anything else
 * (arrays too) replaces.
 */
export function mergeMetadata(stored: Metadata, change: Metadata): Metadata {
  const merged = new Map(Object.entries(stored))
  for (const [key, value] of Object.entries(change)) {
    if (value === null) merged.delete(key)
    else if (isObject(value)) {
      const before = merged.get(key)
      merged.set(key, mergeMetadata(isObject(before) ? before : {}, value))
    } else merged.set(key, value)
  }
  return Object.fromEntries(merged)
}

export const metadataBytes = (metadata: Metadata): number => Buffer.byteLength(JSON.stringify(metadata))

const isObject = (value: unknown): value is Metadata =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
