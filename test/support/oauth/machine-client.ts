import { createHash, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { grantDerive, machineAttest } from '../../../src/crypto/internal-api.ts'
import { randomId } from '../../../src/kernel/random.ts'
import type { Answer, Grant, McpWorld, Person } from '../mcp/mcp-world.ts'
import { ed25519, forgeJws } from '../crypto/token-forge.ts'

type Bend = Readonly<Record<string, unknown>>

/** A key pair that a machine client holds, and assertions signed with it. */
export interface MachineKey {
  readonly jwk: Readonly<Record<string, string>>
  readonly thumbprint: string
  readonly privateKey: KeyObject
  assertion(claims: Bend, header?: Bend): string
}

export function machineKey(): MachineKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  const jwk = { kty: 'OKP', crv: 'Ed25519', x }
  const canonical = JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x })
  return {
    jwk,
    privateKey,
    thumbprint: createHash('sha256').update(canonical).digest('base64url'),
    assertion: (claims, header = {}) =>
      forgeJws({ alg: 'Ed25519', typ: 'JWT', ...header }, claims, ed25519(privateKey)),
  }
}

export interface Root {
  readonly root: string
  readonly cid: string
  readonly gid: string
  readonly env: string
}

export const machineAsk = async (world: McpWorld, person: Person, bend: Bend = {}): Promise<Bend> => {
  const env = typeof bend['env'] === 'string' ? bend['env'] : randomId()
  return {
    clerkToken: world.clerkToken(person),
    transaction: randomId(),
    gid: randomId(),
    env,
    blob: await world.wrapped(person, env),
    cid: `mxm_${randomId()}`,
    clientName: 'Nightly report',
    scp: 'maximo:read',
    prf: 'batch',
    ...bend,
  }
}

/** A root receipt, as the portal gets one. */
export async function attestRoot(
  world: McpWorld,
  person: Person,
  proof: unknown,
  bend: Bend = {},
): Promise<Root> {
  const ask = await machineAsk(world, person, { proof, ...bend })
  const answer = await world.call(machineAttest.path, ask)
  if (answer.status !== 200) throw new Error(`machine: ${answer.status} ${answer.text}`)
  const { cid, gid, env } = ask as unknown as Root
  return { cid, gid, env, root: String(answer.json['root']) }
}

/** Claims of a good assertion of `cid`. */
export const assertionClaims = (world: McpWorld, cid: string, bend: Bend = {}): Bend => {
  const nowS = Math.floor(world.clock.nowMs() / 1000)
  return {
    iss: cid,
    sub: cid,
    aud: world.env['PUBLIC_PORTAL_URL'],
    jti: randomUUID(),
    iat: nowS,
    exp: nowS + 60,
    ...bend,
  }
}

export const derive = (world: McpWorld, root: string, proof: unknown, scp = 'maximo:read'): Promise<Answer> =>
  world.call(grantDerive.path, { root, proof, scp })

/** What the portal makes a token of: {@link McpWorld.token}. */
export const childGrant = ({ gid, env }: Root, answer: Answer): Grant => ({
  gid,
  env,
  jti: undefined,
  receipt: String(answer.json['receipt']),
  at: Number(answer.json['at']),
})
