import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'

/** What is still running then is cut, so that a stop ends before an orchestrator kills. */
const DRAIN_MS = 10_000

/**
 * Lets `close` end. Node closes idle connections by itself, but it counts one that never sent a request as busy, and a
 * client's pool may hold such a connection open for as long as it likes.
 *
 * @returns to be called when the server starts to close
 */
export function drainOnClose(server: Server): () => void {
  const silent = new Set<Socket>()
  const note = (socket: Socket): void => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  }
  // Over TLS a request names the encrypted socket, not the one beneath it.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', note)
  server.on('request', (request) => silent.delete(request.socket))
  return () => {
    for (const socket of silent) socket.destroy()
    setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref()
  }
}
