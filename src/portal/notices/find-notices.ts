import type { PortalDeps } from '../deps.ts'
import type { Connection } from '../records/connections.ts'

/** Something that an owner should know without having asked. `id` is the same until the matter itself changes. */
export interface Notice {
  readonly id: string
  readonly tone: 'warn' | 'bad'
  readonly heading: string
  readonly what: string
  /** What the owner can do. */
  readonly todo: string
  /** When it happened; null for a state that lasts. */
  readonly atMs: number | null
  /** Whether it goes away by being read; what is not settled yet stays until it is. */
  readonly isDismissible: boolean
}

type FindDeps = Pick<PortalDeps, 'records'>

/** Notices about an owner's connections that were not dismissed, newest first. */
export function findNotices(sub: string, { records: { connections } }: FindDeps): readonly Notice[] {
  return [...connections.listFor(sub), ...connections.automationOf(sub)]
    .flatMap((connection) => noticeOf(connection) ?? [])
    .filter(({ id }) => !connections.isDismissed(sub, id))
    .sort((one, other) => (other.atMs ?? Infinity) - (one.atMs ?? Infinity))
}

function noticeOf({ gid, clientName, envLabel, end }: Connection): Notice | null {
  if (end === null) return null
  if (end.force === 'pending') {
    return {
      id: `pending-${gid}`,
      tone: 'warn',
      heading: `The end of “${clientName}” is not yet in force`,
      what: `No new tokens are made for its connection to “${envLabel}”, but the MCP server has not confirmed that it refuses the old ones.`,
      todo: 'We keep asking. If it does not change within minutes, tell your operator, and delete the key in Maximo if you cannot wait.',
      atMs: end.atMs,
      isDismissible: false,
    }
  }
  const alarm = ALARMS[end.reason]
  return alarm === undefined
    ? null
    : {
        id: `${end.reason}-${gid}`,
        tone: 'bad',
        heading: `“${clientName}” was disconnected: ${alarm.why}`,
        what: `Its connection to “${envLabel}” and every token of it have ended. ${alarm.what}`,
        todo: alarm.todo,
        atMs: end.atMs,
        isDismissible: true,
      }
}

/** Ends that mean that somebody else may hold what was the owner's. */
const ALARMS: Readonly<
  Partial<Record<NonNullable<Connection['end']>['reason'], { why: string; what: string; todo: string }>>
> = {
  refresh_reused: {
    why: 'an old token of it was used again',
    what: 'Two parties had it: a copy of the client’s settings, or a thief.',
    todo: 'If you did not restore a backup or copy the client to another computer, somebody may have read its files: look after that computer, then connect again.',
  },
  code_reused: {
    why: 'its authorization code was used twice',
    what: 'Somebody saw the answer that was meant for the client.',
    todo: 'Connect again, on a computer and in a browser that you trust.',
  },
  reported: {
    why: 'somebody found its token and reported it',
    what: 'It stood where others could read it, in a repository or a log for example.',
    todo: 'Make a new token, keep it in a secret store, and look in your own audit for what was done with the old one.',
  },
}
