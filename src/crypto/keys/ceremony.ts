import type { Clock } from '../../kernel/clock.ts'
import type { Result } from '../../kernel/result.ts'
import type { KeyInfo, Owner, Purpose } from './key.ts'

export interface KeyRow extends KeyInfo {
  /** In whose folder the file lies. */
  readonly owner: Owner
  readonly holds: 'private' | 'public'
  /** ISO 8601. */
  readonly created: string
  readonly since: string
}

/** A refusal of the ceremony, in words for the operator. */
export interface CeremonyRefusal {
  readonly reason:
    | 'keys_exist'
    | 'keys_missing'
    | 'kid_unknown'
    | 'key_in_use'
    | 'overlap_running'
    | 'key_active'
    | 'not_rotatable'
  readonly message: string
}

/** Makes all keys of both services, offline, under `<dataDir>/{portal,mcp}/keys`. Refuses to touch existing ones. */
export function initKeys(dataDir: string, clock: Clock): Promise<Result<readonly KeyRow[], CeremonyRefusal>> {
  return Promise.reject(new Error(`not implemented ${dataDir} ${String(clock.nowMs())}`))
}

/** @throws KeyFault when a folder cannot be read or breaks a rule. */
export function keyStatus(dataDir: string): Promise<readonly KeyRow[]> {
  return Promise.reject(new Error(`not implemented ${dataDir}`))
}

/**
 * First call for a purpose: adds a `next` key, which every server accepts after its reload. Second call: `next` becomes
 * `active`, the former one `accept`. Between the calls both services must reload, so no token meets a server that does
 * not know its key.
 */
export function rotateKey(
  dataDir: string,
  purpose: Purpose,
  clock: Clock,
): Promise<Result<readonly KeyRow[], CeremonyRefusal>> {
  return Promise.reject(new Error(`not implemented ${dataDir} ${purpose} ${String(clock.nowMs())}`))
}

export interface RetireOptions {
  /** Kids that receipts of live automation tokens name; read from the MCP server's journal. */
  readonly kidsInUse: ReadonlySet<string>
  readonly clock: Clock
  /** A leaked key: do not wait for the overlap to end. Never overrides `kidsInUse`. */
  readonly now?: boolean
}

/** Removes an `accept` key. While `kidsInUse` names it, it becomes `ci-only` instead and the answer is `key_in_use`. */
export function retireKey(
  dataDir: string,
  kid: string,
  options: RetireOptions,
): Promise<Result<readonly KeyRow[], CeremonyRefusal>> {
  return Promise.reject(new Error(`not implemented ${dataDir} ${kid} ${String(options.kidsInUse.size)}`))
}
