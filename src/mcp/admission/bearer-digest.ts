import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'

/** By connection. Behind a proxy its next request may be of somebody else: then it is worked out again. */
const last = new WeakMap<object, { readonly header: string; readonly digest: string }>()

/**
 * SHA-256 of a bearer token, base64url: the name by which the caches know it. A client sends the same kilobytes with every
 * request of its connection, and to compare them is quicker than to hash them. The last ones are kept with the connection,
 * and as long as that; what the caches say of them is asked each time.
 *
 * @param bearer what {@link readBearer} found in this request
 */
export function digestOfBearer(request: FastifyRequest, bearer: string): string {
  const { socket } = request.raw
  const header = request.headers.authorization ?? ''
  const known = last.get(socket)
  if (known?.header === header) return known.digest
  const digest = hash('sha256', bearer, 'base64url')
  last.set(socket, { header, digest })
  return digest
}
