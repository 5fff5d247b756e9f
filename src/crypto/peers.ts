import type { Clock } from '../kernel/clock.ts'
import type { InternalServer } from '../kernel/env-fields.ts'
import type { Log } from '../kernel/log.ts'
import type { Peer } from '../kernel/peers/copying.ts'
import { journalCopy, journalFetch } from './internal-api.ts'
import { openInternalClient, type InternalClient } from './internal-client.ts'
import { KeyFault } from './keys/key-fault.ts'
import type { PeerKeys } from './keys/key-ring.ts'
import type { Key } from './keys/key.ts'

export interface PeersOptions {
  readonly servers: readonly InternalServer[]
  readonly caFile: string | undefined
  /** Our INSTANCE_ID. */
  readonly instanceId: string
  /** Asked for each call, so that a rotation is seen. */
  readonly keys: () => PeerKeys
  readonly clock: Clock
  readonly log: Log
}

export interface OpenPeers {
  readonly peers: readonly Peer[]
  /** Ends what is under way: it is tried again after the next start. */
  readonly close: () => Promise<void>
}

/** The way to the other servers of this service. @throws KeyFault without a key to sign with */
export function openPeers(options: PeersOptions): OpenPeers {
  const { servers, instanceId: issuer, keys, clock, log, caFile } = options
  if (servers.length > 0) signerOf(keys())
  const opened = servers.map((server) => {
    const client = openInternalClient({
      ...{ servers: [server], issuer, clock, caFile },
      // Said once by whoever keeps the link, not at every try.
      log: log.child({}, { level: 'error' }),
      signer: () => signerOf(keys()),
      answerKeys: keys,
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    })
    return { client, peer: peerOver(server.id, client) }
  })
  return {
    peers: opened.map(({ peer }) => peer),
    close: async () => {
      await Promise.all(opened.map(({ client }) => client.abort()))
    },
  }
}

function peerOver(id: string, client: InternalClient): Peer {
  const [copy, fetch] = [client.calls(journalCopy), client.calls(journalFetch)]
  return {
    id,
    copy: async ({ writer, after, lines }) => {
      const answer = await copy({ writer, after, lines: [...lines] })
      return answer.ok ? answer.value : null
    },
    fetch: async (asked) => {
      const answer = await fetch(asked)
      return answer.ok ? answer.value : null
    },
  }
}

function signerOf({ active }: PeerKeys): Key<'peer'> {
  if (active !== undefined) return active
  throw new KeyFault([
    'there is no peer key, without which several servers cannot speak; `maximo-mcp keys rotate peer` makes one',
  ])
}

const ANSWER_TIMEOUT_MS = 3_000
const MAX_ANSWER_BYTES = 512 * 1024
