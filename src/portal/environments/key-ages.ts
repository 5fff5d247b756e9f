import type { z } from 'zod'
import type { credentialAges } from '../../crypto/internal-api.ts'
import type { McpCalls } from '../mcp-calls.ts'
import type { Notice } from '../notices/find-notices.ts'

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
export function keyAgeInWords({ ageDays, leftDays, cls }: KeyAge): string {
  const left = leftDays > 0 ? `to be replaced within ${leftDays} days` : 'to be replaced now'
  return `${cls} · key ${ageDays === 0 ? 'of today' : `${ageDays} days old`}, ${left}`
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
  return [...(age.state === 'fresh' ? [] : [due]), ...(age.admin === true ? [admin] : [])]
}
