import { err, ok, type Result } from '../kernel/result.ts'

/** Parameters of a query or a form. What was sent empty counts as left out (RFC 6749 §3.1). */
export interface Fields {
  find(name: string): string | undefined
}

/**
 * Reads parsed parameters strictly: each at most once (RFC 6749 §3.1, §3.2), each a string without control characters.
 * What two readers could understand in two ways is refused whole.
 */
export function readFields(raw: unknown): Result<Fields, 'parameter_repeated' | 'parameter_malformed'> {
  if (raw === null || raw === undefined) return ok({ find: () => undefined })
  if (typeof raw !== 'object') return err('parameter_malformed')
  const fields = new Map<string, string>()
  for (const [name, value] of Object.entries(raw)) {
    if (Array.isArray(value)) return err('parameter_repeated')
    // Control characters end in logs, headers and stores; no parameter of ours has any.
    if (typeof value !== 'string' || CONTROL.test(value) || CONTROL.test(name))
      return err('parameter_malformed')
    if (value !== '') fields.set(name, value)
  }
  return ok({ find: (name) => fields.get(name) })
}

const CONTROL = /[\u0000-\u001F\u007F]/
