import type { User } from '@clerk/backend'
import { z } from 'zod'
import { err, ok, type Result } from '../../kernel/result.ts'
import { type Clerk, ClerkRefused } from './clerk-client.ts'
import { readSubscription, type Subscription } from './subscription.ts'

/** One Maximo environment of a user, as it stands in Clerk private metadata under `environments.<env id>`. */
const storedEnvironment = z.object({
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

/** The user was deleted at Clerk meanwhile. */
export interface AccountGone {
  readonly reason: 'account_gone'
}

/** Every method throws `ClerkUnavailable`; nothing is cached, and no blob is written anywhere but to Clerk. */
export interface Accounts {
  /** `null`: Clerk does not know the user (deleted), or has banned or locked them. One call for name and environments together. */
  findAccount(userId: string): Promise<Account | null>
  listEnvironments(userId: string): Promise<readonly Environment[]>
  saveEnvironment(
    userId: string,
    environment: Environment,
  ): Promise<Result<undefined, MetadataFull | AccountGone>>
  /** Removing what is not there is not an error. */
  removeEnvironment(userId: string, env: string): Promise<void>
  /** What the user has subscribed to now, as Clerk's billing says: plan slugs and features, sorted. */
  subscription(userId: string): Promise<Subscription>
  /** Whether the owner may still use what they were granted: deletion, ban and lock end everything (design §4.5). */
  standing(userId: string): Promise<'good' | 'banned' | 'locked' | 'deleted'>
}

export interface AccountsLog {
  warn(fields: object, message: string): void
}

export function createAccounts(deps: { readonly clerk: Clerk; readonly log: AccountsLog }): Accounts {
  return {
    findAccount: (userId) => findAccount(userId, deps),
    listEnvironments: async (userId) => (await findAccount(userId, deps))?.environments ?? [],
    saveEnvironment: (userId, environment) => saveEnvironment(userId, environment, deps),
    removeEnvironment: (userId, env) => removeEnvironment(userId, env, deps),
    subscription: (userId) => readSubscription(userId, deps),
    standing: (userId) => standing(userId, deps),
  }
}

interface Deps {
  readonly clerk: Clerk
  readonly log: AccountsLog
}

async function findUser(userId: string, { clerk }: Deps): Promise<User | null> {
  try {
    return await clerk.call((sdk) => sdk.users.getUser(userId))
  } catch (error) {
    if (error instanceof ClerkRefused && error.status === 404) return null
    throw error
  }
}

async function findAccount(userId: string, deps: Deps): Promise<Account | null> {
  const user = await findUser(userId, deps)
  if (user === null || user.banned || user.locked) return null
  const primary = user.emailAddresses.find((address) => address.id === user.primaryEmailAddressId)
  return {
    userId: user.id,
    email: (primary ?? user.emailAddresses[0])?.emailAddress ?? user.id,
    environments: readEnvironments(user, deps),
  }
}

/** Entries that are not environments of ours are left alone and not shown: somebody may edit metadata by hand. */
function readEnvironments(user: User, { log }: Deps): Environment[] {
  const entries = storedEntries.safeParse(user.privateMetadata).data?.environments ?? {}
  const found: Environment[] = []
  for (const [env, entry] of Object.entries(entries)) {
    const read = ENVIRONMENT_ID.test(env) ? storedEnvironment.safeParse(entry) : null
    if (read?.success === true) found.push({ env, ...read.data })
    else log.warn({ event: 'environment.unreadable', userId: user.id }, 'an environment entry was ignored')
  }
  return found.sort((one, other) => one.added - other.added)
}

/**
 * One PATCH that names one environment: Clerk merges deeply, so two browsers that save different environments do not
 * undo each other. Two that save the last free place at once can both pass the check here; Clerk refuses the second.
 */
async function saveEnvironment(
  userId: string,
  environment: Environment,
  deps: Deps,
): Promise<Result<undefined, MetadataFull | AccountGone>> {
  const user = await findUser(userId, deps)
  if (user === null) return err({ reason: 'account_gone' })
  const { env, ...given } = environment
  const entry = storedEnvironment.parse(given)
  const stored = readEnvironments(user, deps)
  const full = metadataFull(stored, bytesAfter(user.privateMetadata, env, entry))
  if (full.neededBytes > full.limitBytes) return err(full)
  try {
    await patch(userId, { [env]: entry }, deps)
    return ok(undefined)
  } catch (error) {
    if (error instanceof ClerkRefused && error.status === 422) return err(full)
    throw error
  }
}

async function removeEnvironment(userId: string, env: string, deps: Deps): Promise<void> {
  try {
    await patch(userId, { [env]: null }, deps)
  } catch (error) {
    if (!(error instanceof ClerkRefused && error.status === 404)) throw error
  }
}

async function patch(userId: string, environments: Record<string, unknown>, { clerk }: Deps): Promise<void> {
  await clerk.call((sdk) => sdk.users.updateUserMetadata(userId, { privateMetadata: { environments } }))
}

async function standing(userId: string, deps: Deps): Promise<'good' | 'banned' | 'locked' | 'deleted'> {
  const user = await findUser(userId, deps)
  if (user === null) return 'deleted'
  if (user.banned) return 'banned'
  return user.locked ? 'locked' : 'good'
}

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** All of a user's private metadata counts, not only what is ours. */
function bytesAfter(metadata: object, env: string, entry: object): number {
  const environments = { ...storedEntries.safeParse(metadata).data?.environments, [env]: entry }
  return bytes({ ...metadata, environments })
}

function metadataFull(stored: readonly Environment[], neededBytes: number): MetadataFull {
  const sizes = stored.map(({ env, label, ...rest }) => ({
    env,
    label,
    bytes: bytes({ [env]: { label, ...rest } }),
  }))
  return {
    reason: 'metadata_full',
    neededBytes,
    limitBytes: METADATA_LIMIT_BYTES,
    stored: sizes.sort((one, other) => other.bytes - one.bytes),
  }
}

const storedEntries = z.object({ environments: z.record(z.string(), z.unknown()).optional() })
const ENVIRONMENT_ID = /^[A-Za-z0-9_-]{22}$/
/** Clerk documents 8 KB per field; the smaller reading of that, so that our refusal comes before theirs. */
const METADATA_LIMIT_BYTES = 8000
