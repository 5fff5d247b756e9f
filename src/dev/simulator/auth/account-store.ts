import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { randomId } from '../../../kernel/random.ts'
import { isMissing } from '../../../kernel/missing-file.ts'
import type { Account, Accounts } from '../contract.ts'
import { users, type MaximoUser } from './users.ts'

const secrets = z.strictObject({ apiKey: z.string().min(20), password: z.string().min(8) })
const remembered = z.strictObject({ version: z.literal(1), users: z.record(z.string(), secrets) })
type Secrets = z.infer<typeof secrets>

/** The accounts, and how a request's credential becomes a user. */
export interface AccountStore extends Omit<Accounts, 'refreshToken'> {
  userNamed(accountOrUser: string): MaximoUser
  userOfKey(apiKey: string): MaximoUser | null
  userOfPassword(userId: string, password: string): MaximoUser | null
}

/**
 * Opens the accounts. With a folder, keys and passwords survive a restart in `accounts.json` (0600); users that are new
 * to the file get fresh ones.
 *
 * @throws when the file exists and is not what this module wrote.
 */
export async function openAccounts(dataDir: string | null): Promise<AccountStore> {
  const known = dataDir === null ? {} : await load(dataDir)
  const current = new Map(users.map((user) => [user.userId, known[user.userId] ?? freshSecrets()]))
  const save = async (): Promise<void> => {
    if (dataDir !== null) await store(dataDir, Object.fromEntries(current))
  }
  await save()
  return accountsOver(current, save)
}

function accountsOver(current: Map<string, Secrets>, save: () => Promise<void>): AccountStore {
  const describe = (user: MaximoUser): Account => {
    const own = current.get(user.userId)
    if (own === undefined) throw new Error(`no credentials for ${user.userId}`)
    return { account: user.account, userId: user.userId, ...own }
  }
  const userNamed = (name: string): MaximoUser => {
    const user = users.find(({ account, userId }) => account === name || userId === name.toUpperCase())
    if (user === undefined) throw new Error(`no such account: ${name}`)
    return user
  }
  return {
    userNamed,
    all: () => users.map(describe),
    of: (name) => describe(userNamed(name)),
    regenerateKey: async (name) => {
      const user = userNamed(name)
      const apiKey = freshSecrets().apiKey
      current.set(user.userId, { ...describeSecrets(describe(user)), apiKey })
      await save()
      return apiKey
    },
    userOfKey: (apiKey) => users.find((user) => current.get(user.userId)?.apiKey === apiKey) ?? null,
    userOfPassword: (userId, password) =>
      users.find(
        (user) => user.userId === userId.toUpperCase() && current.get(user.userId)?.password === password,
      ) ?? null,
  }
}

const describeSecrets = ({ apiKey, password }: Account): Secrets => ({ apiKey, password })

/** Maximo's own keys are unique ids of this kind: lower-case hexadecimal. */
const freshSecrets = (): Secrets => ({
  apiKey: randomBytes(20).toString('hex'),
  password: randomId(),
})

const fileIn = (dataDir: string): string => join(dataDir, 'accounts.json')

async function load(dataDir: string): Promise<Record<string, Secrets>> {
  const text = await readFile(fileIn(dataDir), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })
  return text === null ? {} : remembered.parse(JSON.parse(text)).users
}

/** Written beside and renamed, so that a crash leaves the old file or the new one. */
async function store(dataDir: string, current: Record<string, Secrets>): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const beside = `${fileIn(dataDir)}.new`
  await writeFile(beside, JSON.stringify({ version: 1, users: current }, null, 1), { mode: 0o600 })
  await rename(beside, fileIn(dataDir))
}
