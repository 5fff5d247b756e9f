import type { z } from 'zod'
import type { credentialAges } from '../../crypto/internal-api.ts'
import type { McpCalls } from '../mcp-calls.ts'
import type { Notice } from '../notices/find-notices.ts'
import { MINUTES } from '../ui/minutes.ts'

export type KeyAge = z.output<typeof credentialAges.answer>['credentials'][number]

/** Ages of the owner's Maximo keys by environment, as the MCP server has them; null when it does not say. */
export async function findKeyAges(
  sub: string,
  { mcp }: { readonly mcp: Pick<McpCalls, 'findCredentialAges'> },
): Promise<ReadonlyMap<string, KeyAge> | null> {
  const answer = await mcp.findCredentialAges({ sub })
  return answer.ok ? new Map(answer.value.credentials.map((age) => [age.env, age])) : null
}

/** What the list of environments says of a key; null: nothing is known of it. */
export function keyAgeInWords({ ageDays, leftDays, cls, refusedSinceMs }: KeyAge): string {
  const refused =
    refusedSinceMs === null ? '' : ` · Maximo refuses it since ${MINUTES.format(refusedSinceMs)} UTC`
  const left = leftDays > 0 ? `to be replaced within ${leftDays} days` : 'to be replaced now'
  return `${cls} · key ${ageDays === 0 ? 'of today' : `${ageDays} days old`}, ${left}${refused}`
}

/** What an owner should know of a key without looking. A replaced key, or one that becomes overdue, is told anew. */
export function keyNotices(age: KeyAge, label: string): readonly Notice[] {
  const shared = { atMs: null, isDismissible: true } as const
  const due: Notice = {
    ...shared,
    id: `key-${age.state}-${age.env}-${age.ver}`,
    tone: age.state === 'overdue' ? 'bad' : 'warn',
    heading: `The key of “${label}” is ${age.ageDays} days old`,
    what:
      age.leftDays > 0
        ? `It should be replaced within ${age.leftDays} days.`
        : 'It should have been replaced.',
    todo: 'Make a new key in Maximo, then choose “Replace the key” at Environments: no connection is interrupted.',
  }
  const admin: Notice = {
    ...shared,
    id: `key-admin-${age.env}-${age.ver}`,
    tone: 'warn',
    heading: `The key of “${label}” is an administrator’s`,
    what: 'Whoever gets hold of one of its connections can do everything in Maximo.',
    todo: 'Make a Maximo user with the rights that your work needs, and replace the key by one of that user.',
  }
  return [
    ...refusal(age, label),
    ...(age.state === 'fresh' ? [] : [due]),
    ...(age.admin === true ? [admin] : []),
  ]
}

/** Nothing works until it is replaced, so it cannot be put away. */
function refusal({ env, ver, refusedSinceMs }: KeyAge, label: string): readonly Notice[] {
  if (refusedSinceMs === null) return []
  return [
    {
      atMs: refusedSinceMs,
      isDismissible: false,
      id: `key-refused-${env}-${ver}`,
      tone: 'bad',
      heading: `Maximo refuses the key or password of “${label}”`,
      what: `Since ${MINUTES.format(refusedSinceMs)} UTC no connection to it works. It has expired, was revoked or changed, or its Maximo user is locked.`,
      todo: 'Look at the user in Maximo, then choose “Replace the key” at Environments: no connection has to be made anew.',
    },
  ]
}
