import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { SEED_ACCOUNTS } from './accounts.ts'
import { isMissing } from '../../kernel/missing-file.ts'

const metadata = z.record(z.string(), z.unknown())

const user = z.object({
  id: z.string(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  plan: z.string(),
  features: z.array(z.string()),
  publicMetadata: metadata,
  privateMetadata: metadata,
  unsafeMetadata: metadata,
  banned: z.boolean(),
  locked: z.boolean(),
  createdAtMs: z.int(),
  updatedAtMs: z.int(),
  lastSignInAtMs: z.int().nullable(),
})
export type User = z.output<typeof user>

const session = z.object({
  id: z.string(),
  clientId: z.string(),
  userId: z.string(),
  status: z.enum(['active', 'pending', 'ended', 'removed', 'revoked', 'replaced', 'expired']),
  createdAtMs: z.int(),
  updatedAtMs: z.int(),
  expireAtMs: z.int(),
  /** When the person last proved who they are; `fva` counts from here. */
  factorAtMs: z.int(),
  refreshToken: z.string(),
})
export type Session = z.output<typeof session>

/** A browser. Development instances know it by `devBrowser`, production by the secret in its `__client` cookie. */
const client = z.object({
  id: z.string(),
  devBrowser: z.string(),
  secret: z.string(),
  sessionId: z.string().nullable(),
  /** `__client_uat`: seconds since the Unix epoch of the last sign-in. Never later than a token's `iat`. */
  updatedAtS: z.int(),
})
export type Client = z.output<typeof client>

const data = z.object({
  version: z.literal(1),
  /** Also the `kid` of the session tokens, as at Clerk. */
  instanceId: z.string(),
  secretKey: z.string(),
  /** Absent in the file of an older stand-in. */
  webhookSecret: z.string().default(newWebhookSecret),
  privateKeyPem: z.string(),
  users: z.array(user),
  sessions: z.array(session),
  clients: z.array(client),
})
export type StandinData = z.output<typeof data>

/** The stand-in's memory, mirrored to one file. */
export interface State {
  readonly data: StandinData
  /** Changes the data and resolves once the change is on disk. */
  change<T>(work: (data: StandinData) => T): Promise<T>
}

/** Opens `<folder>/state.json`, or begins with the three seed accounts. */
export async function openState(folder: string, nowMs: number): Promise<State> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'state.json')
  const found = await readIfThere(path)
  const current = found === null ? firstData(nowMs) : data.parse(JSON.parse(found))
  let pending: Promise<void> = Promise.resolve()
  const state: State = {
    data: current,
    change: async (work) => {
      const outcome = work(current)
      const snapshot = JSON.stringify(current)
      pending = pending.then(() => writeWhole(path, snapshot))
      await pending
      return outcome
    },
  }
  if (found === null) await state.change(() => undefined)
  return state
}

/** An id of Clerk's form: a prefix and 27 letters and digits. */
export const clerkId = (prefix: string): string =>
  `${prefix}_${randomBytes(40).toString('base64url').replaceAll(/[-_]/g, '').padEnd(27, '0').slice(0, 27)}`

function newWebhookSecret(): string {
  return `whsec_${randomBytes(24).toString('base64')}`
}

function firstData(nowMs: number): StandinData {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    version: 1,
    instanceId: clerkId('ins'),
    secretKey: clerkId('sk_test'),
    webhookSecret: newWebhookSecret(),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    users: SEED_ACCOUNTS.map((account) => ({
      id: clerkId('user'),
      ...account,
      features: [...account.features],
      publicMetadata: {},
      privateMetadata: {},
      unsafeMetadata: {},
      banned: false,
      locked: false,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      lastSignInAtMs: null,
    })),
    sessions: [],
    clients: [],
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** A reader sees the old file or the new one, never half of one. */
async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.part`
  const file = await open(part, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
  await chmod(part, 0o600)
  await rename(part, path)
}
