import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Wrapped } from '../../../src/crypto/credential.ts'
import type { OpenedToken } from '../../../src/crypto/token-open.ts'
import { wrapCredential } from '../../../src/crypto/wrapped.ts'
import type { AdmitDeps } from '../../../src/mcp/admission/admit.ts'
import { newerCredentials } from '../../../src/mcp/admission/newer-credential.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { aReceipt, aWrapped, openWorkshop, type Workshop } from '../../support/crypto/token-workshop.ts'

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(() => shop.close())

let openNewer: AdmitDeps['openNewer']
let keysAsked: number
beforeEach(() => {
  keysAsked = 0
  openNewer = newerCredentials(() => {
    keysAsked += 1
    return shop.mcp
  })
})

const token = { receipt: aReceipt() } as OpenedToken
const HOST = 'https://maximo.example.com'
const wrapped = async (bend: Partial<Wrapped>): Promise<string> => {
  const made = await wrapCredential(aWrapped(bend), shop.mcp)
  if (!made.ok) throw new Error('not wrapped')
  return made.value
}
const holding = (key: string, u = `${HOST}/maximo`): Wrapped['c'] => ({ u, a: 'apikey', k: new Secret(key) })

test('what was saved since serves, under its own version', async () => {
  const access = await openNewer(token, { version: 4, blob: await wrapped({ ver: 4, c: holding('new') }) })
  const { sub, env } = token.receipt
  expect(access).toMatchObject({
    ...{ baseUrl: `${HOST}/maximo`, method: 'apikey', owned: { sub, env }, cacheKey: `${sub}:${env}:4` },
  })
  expect(access.credential.reveal()).toBe('new')
})

test('is opened once for as many calls as come, and again when it is another one', async () => {
  const [first, second] = [
    await wrapped({ ver: 4, c: holding('a') }),
    await wrapped({ ver: 4, c: holding('b') }),
  ]
  const access = await openNewer(token, { version: 4, blob: first })
  expect(await openNewer(token, { version: 4, blob: first })).toBe(access)
  expect(keysAsked).toBe(1)
  expect((await openNewer(token, { version: 4, blob: second })).credential.reveal()).toBe('b')
  expect(keysAsked).toBe(2)
})

test('what was opened for one version, owner or environment is not taken for another', async () => {
  const blob = await wrapped({ ver: 4 })
  await openNewer(token, { version: 4, blob })
  const as = (bend: object) => ({ receipt: aReceipt(bend) }) as OpenedToken
  for (const other of [as({ sub: 'user-2' }), as({ env: 'env-2' })])
    await expect(openNewer(other, { version: 4, blob })).rejects.toThrow(
      'journaled credential: owner_mismatch',
    )
  await expect(openNewer(token, { version: 5, blob })).rejects.toThrow('not the version or the host')
})

test.each(['http://maximo.example.com', 'https://maximo.example.com:8443', 'https://evil.example'])(
  'a credential for %s does not serve a token for another host',
  async (origin) => {
    const blob = await wrapped({ ver: 4, c: holding('new', `${origin}/maximo`) })
    await expect(openNewer(token, { version: 4, blob })).rejects.toMatchObject({
      ...{ name: 'CredentialUnreadable', message: expect.stringContaining('not the version or the host') },
    })
  },
)

test('another path of the same host does', async () => {
  const blob = await wrapped({ ver: 4, c: holding('new', `${HOST}/other`) })
  expect(await openNewer(token, { version: 4, blob })).toMatchObject({ baseUrl: `${HOST}/other` })
})

test('what is no credential of ours is an error that shows nothing of it', async () => {
  await expect(openNewer(token, { version: 4, blob: 'garbage' })).rejects.toThrow(
    /^journaled credential: \w+$/,
  )
})
