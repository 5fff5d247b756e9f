import { z } from 'zod'
import type { Result } from '../../kernel/result.ts'
import type { Clerk } from './clerk-client.ts'

/** One Maximo environment of a user, as it stands in Clerk private metadata under `environments.<env id>`. */
export const storedEnvironment = z.object({
  label: z.string().min(1).max(60),
  host: z.string().min(1).max(255),
  /** The wrapped credential: only the MCP server can read it. */
  blob: z.string().min(1).max(2048),
  ver: z.int().positive(),
  /** When it was first saved, seconds since the Unix epoch. */
  added: z.int().positive(),
})
export interface Environment extends z.output<typeof storedEnvironment> {
  readonly env: string
}

/** The owner, for display and for checks, and their environments, oldest first. */
export interface Account {
  readonly userId: string
  /** Primary e-mail address; the user id if Clerk knows none. For display only. */
  readonly email: string
  readonly environments: readonly Environment[]
}

/** Clerk keeps at most 8 KB per user: the one too many is refused before it is written. */
export interface MetadataFull {
  readonly reason: 'metadata_full'
  readonly neededBytes: number
  readonly limitBytes: number
  /** What could be removed to make room, largest first. */
  readonly stored: readonly { readonly env: string; readonly label: string; readonly bytes: number }[]
}

/** Every method throws `ClerkUnavailable`; nothing is cached, and no blob is written anywhere but to Clerk. */
export interface Accounts {
  /** `null`: Clerk does not know the user (deleted). One call for name and environments together. */
  findAccount(userId: string): Promise<Account | null>
  listEnvironments(userId: string): Promise<readonly Environment[]>
  saveEnvironment(userId: string, environment: Environment): Promise<Result<undefined, MetadataFull>>
  /** Removing what is not there is not an error. */
  removeEnvironment(userId: string, env: string): Promise<void>
  /** Whether the owner may still use what they were granted: deletion, ban and lock end everything (design §4.5). */
  standing(userId: string): Promise<'good' | 'banned' | 'locked' | 'deleted'>
}

export interface AccountsLog {
  warn(fields: object, message: string): void
}

export function createAccounts(deps: { readonly clerk: Clerk; readonly log: AccountsLog }): Accounts {
  void deps
  throw new Error('not built yet')
}
