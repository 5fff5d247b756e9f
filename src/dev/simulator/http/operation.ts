import { methodNotSupported } from '../errors.ts'
import type { Exchange } from './exchange.ts'

/** What a request means: its method and, for POST, the `x-method-override` header. */
export type Operation = 'read' | 'post' | 'patch' | 'delete' | 'sync' | 'bulk'

const OVERRIDES: Readonly<Record<string, Operation>> = {
  PATCH: 'patch',
  DELETE: 'delete',
  SYNC: 'sync',
  BULK: 'bulk',
}

/** @throws BmxError 405 BMXAA8815E for a method or an override that Maximo does not know (maximo-api §4.2, §6.4). */
export function operationOf(exchange: Exchange): Operation {
  const { method, instance } = exchange
  if (method === 'GET') return 'read'
  if (method === 'DELETE') return 'delete'
  if (method === 'PATCH' && instance.rules.truePatch) return 'patch'
  if (method !== 'POST') throw methodNotSupported(method)
  const override = exchange.header('x-method-override')
  if (override === null) return 'post'
  const operation = OVERRIDES[override.toUpperCase()]
  if (operation === undefined) throw methodNotSupported(override)
  return operation
}
