import { ReplyError } from 'ioredis'
import { StoreUnavailable } from './store/contract.ts'

/** Replies by which Redis says that it cannot work now; any other error reply concerns that one command. */
const UNWELL = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
])

/** Whether the error means that Redis is unwell, not that one command was refused (a poisoned key, a missing right). */
export const isUnwell = (error: unknown): boolean => {
  const reply = replyCode(error)
  return reply === null || UNWELL.has(reply)
}

/** Keeps the kind of an error and drops the rest: errors of ioredis carry the command with its keys and values. */
export function toUnavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error
  const reply = replyCode(error)
  if (reply !== null) return new StoreUnavailable(`Redis refused: ${reply}`)
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('All sentinels are unreachable'))
    return new StoreUnavailable(`no Sentinel names a master: ${sentinelRefusal(message)}`)
  return new StoreUnavailable(`Redis cannot be reached: ${systemCode(error)}`)
}

/** The first word of an error reply (`WRONGTYPE …`), which Redis reserves for its kind. */
function replyCode(error: unknown): string | null {
  if (!(error instanceof (ReplyError as ErrorConstructor))) return null
  return /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR'
}

/** ioredis tells of the last Sentinel’s refusal in words alone: the kind of an error reply, or a code of the system. */
const sentinelRefusal = (message: string): string =>
  /Last error: (?:.*\b(E[A-Z]{4,})\b|([A-Z]{4,})\b)/.exec(message)?.slice(1).find(Boolean) ??
  'it knows none, or cannot be reached'

const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'connection lost'
