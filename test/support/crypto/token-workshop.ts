import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccessClaims } from '../../../src/crypto/claims.ts'
import type { Receipt, Wrapped } from '../../../src/crypto/credential.ts'
import { initKeys, keyFolder } from '../../../src/crypto/keys/ceremony.ts'
import type { KeyFile } from '../../../src/crypto/keys/key-file.ts'
import {
  loadMcpKeys,
  loadOperatorKey,
  loadPortalKeys,
  type McpKeys,
  type PortalKeys,
} from '../../../src/crypto/keys/key-ring.ts'
import type { Key, Owner } from '../../../src/crypto/keys/key.ts'
import type { Reason } from '../../../src/crypto/reason.ts'
import { sealReceipt } from '../../../src/crypto/receipt.ts'
import {
  checkPreTag,
  openToken,
  readTokenShape,
  type OpenedToken,
  type OpenOptions,
} from '../../../src/crypto/token-open.ts'
import { randomId } from '../../../src/kernel/random.ts'
import type { Result } from '../../../src/kernel/result.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { manualClock, type ManualClock } from '../clock.ts'

export const ISSUER = 'http://localhost:8080'
export const AUDIENCE = 'http://localhost:8081/mcp'

/** The keys of both services and the operator as they would load them, and the bare key files for those who forge. */
export interface Workshop {
  readonly dataDir: string
  readonly clock: ManualClock
  readonly portal: PortalKeys
  readonly mcp: McpKeys
  readonly operator: Key<'ops'>
  readonly options: OpenOptions
  readonly nowS: number
  file(owner: Owner, prefix: string): Promise<KeyFile>
  close(): Promise<void>
}

export async function openWorkshop(): Promise<Workshop> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mx-crypto-'))
  const clock = manualClock()
  const made = await initKeys(dataDir, clock)
  if (!made.ok) throw new Error(made.error.message)
  return {
    dataDir,
    clock,
    portal: await loadPortalKeys(keyFolder(dataDir, 'portal')),
    mcp: await loadMcpKeys(keyFolder(dataDir, 'mcp')),
    operator: await loadOperatorKey(keyFolder(dataDir, 'ops')),
    options: { issuer: ISSUER, audience: AUDIENCE, clock },
    nowS: Math.floor(clock.nowMs() / 1000),
    file: async (owner, prefix) => {
      const names = await readdir(keyFolder(dataDir, owner))
      const name = names.find((one) => one.includes(`.${prefix}-`)) ?? ''
      return JSON.parse(await readFile(join(keyFolder(dataDir, owner), name), 'utf8')) as KeyFile
    },
    close: () => rm(dataDir, { recursive: true, force: true }),
  }
}

export const privateKeyOf = ({ jwk }: KeyFile): KeyObject => createPrivateKey({ key: jwk, format: 'jwk' })
export const publicKeyOf = ({ jwk }: KeyFile): KeyObject => createPublicKey({ key: jwk, format: 'jwk' })
export const secretOf = ({ jwk }: KeyFile): Buffer => Buffer.from('k' in jwk ? jwk.k : '', 'base64url')

/** What a person's grant looks like in the wild: real lengths of Clerk ids, a real client id, a 48-character API key. */
export const aReceipt = (bend: Partial<Receipt> = {}): Receipt => ({
  v: 1,
  sub: 'user_2xKq1VnWc8RtYbLmZp4sDfGhJk3',
  sid: 'sess_2xKq7HgFdSaPoIuYtReWqLkJhG9',
  env: 'Zm9vYmFyYmF6cXV4MTIzNA',
  ver: 3,
  cid: 'https://claude.ai/oauth/claude-code-client-metadata',
  scp: 'maximo:read offline_access',
  knd: 'at',
  gid: 'R3JhbnRHcmFudEdyYW50MQ',
  prf: 'interactive',
  pla: 'pro',
  fea: 'audit,ci',
  at: 1_795_305_600_000,
  max: 1_795_305_600 + 180 * 86_400,
  c: {
    u: 'https://maximo.example.com/maximo',
    a: 'apikey',
    k: new Secret('n4kq9sv2m1c8x7z6l5j4h3g2f1d0s9a8p7o6i5u4y3t2r1e0'),
  },
  ...bend,
})

export const aWrapped = (bend: Partial<Wrapped> = {}): Wrapped => {
  const { sub, env, ver, c } = aReceipt()
  return { v: 1, sub, env, ver, c, ...bend }
}

export async function sealed(receipt: Receipt, { mcp }: Workshop): Promise<string> {
  const made = await sealReceipt(receipt, mcp)
  if (!made.ok) throw new Error(`receipt too long: ${made.error.part}`)
  return made.value
}

/** Claims of a good token for {@link aReceipt}. */
export async function someClaims(
  workshop: Workshop,
  bend: Partial<AccessClaims> = {},
  receipt: Receipt = aReceipt(),
): Promise<AccessClaims> {
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    jti: randomId(),
    iat: workshop.nowS,
    exp: workshop.nowS + 3600,
    gid: receipt.gid,
    scope: receipt.scp,
    knd: receipt.knd,
    gr: await sealed(receipt, workshop),
    ...bend,
  }
}

/** The three steps of the MCP server, as one. */
export async function open(bearer: string, workshop: Workshop): Promise<Result<OpenedToken, Reason>> {
  const shape = readTokenShape(bearer)
  if (!shape.ok) return shape
  const tagged = checkPreTag(shape.value, workshop.mcp)
  if (!tagged.ok) return tagged
  return openToken(tagged.value, workshop.mcp, workshop.options)
}

/** The reason of a refusal, or `opened`. */
export const verdict = (result: Result<unknown, Reason>): string => (result.ok ? 'opened' : result.error)

/** The same without some members. */
export function without<T extends object, K extends keyof T>(value: T, ...names: K[]): Omit<T, K> {
  const left = Object.entries(value).filter(([name]) => !names.some((one) => one === name))
  return Object.fromEntries(left) as Omit<T, K>
}
