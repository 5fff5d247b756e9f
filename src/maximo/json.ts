/** Reading of JSON that nobody promised anything about: each returns the value in the asked type, or null. */

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null

export const wholeNumberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
