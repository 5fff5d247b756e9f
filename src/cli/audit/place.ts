import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UnreadableHolds } from '../../audit/retention/holds.ts'
import type { ServiceName } from '../../crypto/keys/key.ts'
import type { Out } from '../keys.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** Where the logs lie, and whose keys tell whether their heads are signed. */
export interface AuditPlace {
  readonly dataDir: string
  /** Services that have a log here. */
  readonly owners: readonly ServiceName[]
  readonly folders: readonly string[]
  /** A service whose key folder is here: it holds the audit-head keys of both. */
  readonly keeper: ServiceName
  readonly keysFolder: string
}

/** `null`: there is no log, or no key, and `out` was told so. */
export function findAuditPlace(data: string | undefined, env: Env, out: Out): AuditPlace | null {
  const dataDir = resolve(data ?? env['DATA_DIR'] ?? './data')
  const owners = OWNERS.filter((owner) => existsSync(join(dataDir, owner, 'audit')))
  const [keeper] = OWNERS.filter((owner) => existsSync(join(dataDir, owner, 'keys')))
  if (owners.length === 0 || keeper === undefined) {
    out.problem(`No audit log, or no keys to check it with, under ${dataDir}.`)
    return null
  }
  const folders = owners.map((owner) => join(dataDir, owner, 'audit'))
  return { dataDir, owners, folders, keeper, keysFolder: join(dataDir, keeper, 'keys') }
}

const OWNERS = ['portal', 'mcp'] as const

/** One line about a file that cannot be read; anything else is a bug and is thrown. */
export function tellUnreadable(error: unknown, out: Out): number {
  if (error instanceof UnreadableHolds) {
    out.problem(error.message)
    return 66
  }
  if (!(error instanceof Error && 'code' in error)) throw error
  out.problem(error.message)
  return 66
}
