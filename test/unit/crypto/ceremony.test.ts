import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { initKeys, keyFolder, keyStatus, retireKey, rotateKey } from '../../../src/crypto/keys/ceremony.ts'
import type { Purpose } from '../../../src/crypto/keys/key.ts'
import { loadMcpKeys, loadOperatorKey, loadPortalKeys } from '../../../src/crypto/keys/key-ring.ts'
import { openToken, readTokenShape, checkPreTag } from '../../../src/crypto/token-open.ts'
import { formatCiToken, sealAccessToken } from '../../../src/crypto/token-seal.ts'
import { sealReceipt } from '../../../src/crypto/receipt.ts'
import { plantedKeys, removePlanted } from '../../support/crypto/planted-keys.ts'
import { manualClock, type ManualClock } from '../../support/clock.ts'
import { aReceipt, AUDIENCE, ISSUER, verdict } from '../../support/crypto/token-workshop.ts'

const DAY_MS = 86_400_000
let dataDir: string
let clock: ManualClock
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mx-ceremony-'))
  clock = manualClock()
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))
afterAll(removePlanted)

/** Keys that were made before: making RSA keys takes its time. */
const usePlanted = async (): Promise<void> => {
  ;({ dataDir } = await plantedKeys())
}

const rotateTwice = async (purpose: Purpose): Promise<void> => {
  await rotateKey(dataDir, purpose, clock)
  await rotateKey(dataDir, purpose, clock)
}

const load = async () => ({
  portal: await loadPortalKeys(keyFolder(dataDir, 'portal')),
  mcp: await loadMcpKeys(keyFolder(dataDir, 'mcp')),
})
type Loaded = Awaited<ReturnType<typeof load>>

/** A token made with the keys of one moment, as an opener. */
async function aToken(made: Loaded, kind: 'at' | 'ci' = 'at'): Promise<(with_: Loaded) => Promise<string>> {
  const jti = 'VG9rZW5Ub2tlblRva2VuMQ'
  const iat = Math.floor(clock.nowMs() / 1000)
  const kids: [string, string] = [made.portal.tokenEncryption.active.kid, made.portal.tokenSigning.active.kid]
  const { max, ...rest } = aReceipt({ at: clock.nowMs() })
  const receipt = await sealReceipt(
    kind === 'ci' ? { ...rest, knd: 'ci', jti, kids } : { ...rest, max: max ?? 1 },
    made.mcp,
  )
  const claims = { iss: ISSUER, aud: AUDIENCE, jti, iat, gid: rest.gid, scope: rest.scp, knd: kind }
  const gr = receipt.ok ? receipt.value : ''
  const sealed = await sealAccessToken(
    kind === 'ci' ? { ...claims, gr } : { ...claims, gr, exp: iat + 3600 },
    made.portal,
  )
  const token = sealed.ok ? sealed.value : ''
  return async ({ mcp }) => {
    const shape = readTokenShape(kind === 'ci' ? formatCiToken(token) : token)
    if (!shape.ok) return shape.error
    const tagged = checkPreTag(shape.value, mcp)
    if (!tagged.ok) return tagged.error
    return verdict(await openToken(tagged.value, mcp, { issuer: ISSUER, audience: AUDIENCE, clock }))
  }
}

describe('keys init', () => {
  test('makes every folder, files readable by their owner alone', async () => {
    const made = await initKeys(dataDir, clock)
    expect(made.ok && made.value).toHaveLength(21)
    for (const owner of ['portal', 'mcp', 'ops'] as const) {
      const folder = keyFolder(dataDir, owner)
      expect((await stat(folder)).mode & 0o777).toBe(0o700)
      for (const name of await readdir(folder)) {
        expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600)
      }
    }
    await load()
  })

  test('every kid has its own purpose', async () => {
    await initKeys(dataDir, clock)
    const rows = await keyStatus(dataDir)
    const purposes = new Map(rows.map(({ kid, purpose }) => [kid, purpose]))
    for (const { kid, purpose } of rows) expect(purposes.get(kid)).toBe(purpose)
    expect(new Set(rows.map(({ thumbprint }) => thumbprint)).size).toBe(purposes.size)
  })

  test('the portal gets no private key of the MCP server but the pre-tag’s', async () => {
    await initKeys(dataDir, clock)
    const folder = keyFolder(dataDir, 'portal')
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), 'utf8')
      if (/\.m[a-z]-/.test(name)) expect(text).not.toMatch(/"(d|p|q|k)":/)
    }
  })

  test('the operator’s key signs for the operator alone: the MCP server has its public half, the portal nothing', async () => {
    await initKeys(dataDir, clock)
    const rows = (await keyStatus(dataDir)).filter(({ purpose }) => purpose === 'ops')
    expect(rows.map(({ owner, holds }) => [owner, holds])).toEqual([
      ['mcp', 'public'],
      ['ops', 'private'],
    ])
    const key = await loadOperatorKey(keyFolder(dataDir, 'ops'))
    expect((await load()).mcp.operator.find(key.kid)?.purpose).toBe('ops')
    await copyFile(
      join(keyFolder(dataDir, 'mcp'), `ops.${key.kid}.json`),
      join(keyFolder(dataDir, 'portal'), `ops.${key.kid}.json`),
    )
    await expect(loadPortalKeys(keyFolder(dataDir, 'portal'))).rejects.toThrow(
      'does not belong in the folder',
    )
  })

  test.each(['portal', 'mcp', 'ops'] as const)(
    'refuses when the folder of %s is not empty',
    async (owner) => {
      await mkdir(keyFolder(dataDir, owner), { recursive: true })
      await writeFile(join(keyFolder(dataDir, owner), 'x'), 'mine')
      expect(await initKeys(dataDir, clock)).toMatchObject({ ok: false, error: { reason: 'keys_exist' } })
      expect(await readdir(keyFolder(dataDir, owner))).toEqual(['x'])
      expect(await readdir(dataDir)).toEqual([owner])
    },
  )

  test('refuses the second time and changes nothing', async () => {
    await initKeys(dataDir, clock)
    const before = await keyStatus(dataDir)
    expect(await initKeys(dataDir, clock)).toMatchObject({ ok: false, error: { reason: 'keys_exist' } })
    expect(await keyStatus(dataDir)).toEqual(before)
  })
})

describe('keys rotate', () => {
  test('an operator’s key that was never made, or is lost, is made in one step; the old one ends', async () => {
    await usePlanted()
    const lost = await loadOperatorKey(keyFolder(dataDir, 'ops'))
    await rm(join(dataDir, 'ops'), { recursive: true })
    expect((await keyStatus(dataDir)).filter(({ owner }) => owner === 'ops')).toEqual([])
    expect((await rotateKey(dataDir, 'ops', clock)).ok).toBe(true)
    const made = await loadOperatorKey(keyFolder(dataDir, 'ops'))
    expect(made.kid).not.toBe(lost.kid)
    const known = (await load()).mcp.operator
    expect([known.find(made.kid)?.state, known.find(lost.kid)?.state]).toEqual(['active', 'accept'])
    const retired = await retireKey(dataDir, lost.kid, { kidsInUse: new Set(), clock, now: true })
    expect(retired.ok && (await load()).mcp.operator.find(lost.kid)).toBe(undefined)
  })

  test('an operator’s key that is here overlaps with its successor, as every other', async () => {
    await usePlanted()
    const former = await loadOperatorKey(keyFolder(dataDir, 'ops'))
    await rotateKey(dataDir, 'ops', clock)
    expect((await loadOperatorKey(keyFolder(dataDir, 'ops'))).kid).toBe(former.kid)
    await rotateKey(dataDir, 'ops', clock)
    const latter = await loadOperatorKey(keyFolder(dataDir, 'ops'))
    const known = (await load()).mcp.operator
    expect([former, latter].map(({ kid }) => known.find(kid)?.state)).toEqual(['accept', 'active'])
  })

  test('folders from before there were peers get their peer keys in one step, each its own', async () => {
    await usePlanted()
    const purposes = (await keyStatus(dataDir)).filter(({ purpose }) => purpose === 'peer')
    expect(purposes.map(({ owner, kid }) => [owner, kid.slice(0, 3)])).toEqual([
      ['mcp', 'mj-'],
      ['portal', 'pj-'],
    ])
    for (const { owner, kid } of purposes) await rm(join(keyFolder(dataDir, owner), `peer.${kid}.json`))
    expect((await load()).mcp.peer.active).toBeUndefined()
    expect((await rotateKey(dataDir, 'peer', clock)).ok).toBe(true)
    const { mcp, portal } = await load()
    expect([mcp.peer.active?.state, portal.peer.active?.state]).toEqual(['active', 'active'])
    expect(mcp.peer.find(portal.peer.active?.kid ?? '')).toBeUndefined()
  })

  test('no token is lost on the way: old and new open before, between and after', async () => {
    await usePlanted()
    const before = await load()
    const old = await aToken(before)
    for (const purpose of ['token-encryption', 'token-signing', 'receipt'] as const) {
      await rotateKey(dataDir, purpose, clock)
    }
    const between = await load()
    expect(between.portal.tokenEncryption.active.kid).toBe(before.portal.tokenEncryption.active.kid)
    expect(await old(between)).toBe('opened')
    for (const purpose of ['token-encryption', 'token-signing', 'receipt'] as const) {
      await rotateKey(dataDir, purpose, clock)
    }
    const after = await load()
    expect(after.portal.tokenEncryption.active.kid).not.toBe(before.portal.tokenEncryption.active.kid)
    expect(after.mcp.receipt.active.kid).not.toBe(before.mcp.receipt.active.kid)
    const fresh = await aToken(after)
    // A server that reloaded after the first step alone already knows what the others make.
    expect([await old(after), await fresh(after), await fresh(between)]).toEqual([
      'opened',
      'opened',
      'opened',
    ])
    expect(await fresh(before)).toBe('kid_unknown')
  })

  test.each([
    'token-encryption',
    'token-signing',
    'internal-signing',
    'receipt',
    'wrapping',
    'code',
    'local',
    'audit-head',
  ] as const)('%s: next, then active beside accept, and both services load each time', async (purpose) => {
    await usePlanted()
    const states = async (): Promise<string> => {
      const rows = (await keyStatus(dataDir)).filter((row) => row.purpose === purpose)
      await load()
      return [...new Set(rows.map(({ state }) => state))].sort().join()
    }
    expect(await states()).toBe('active')
    await rotateKey(dataDir, purpose, clock)
    expect(await states()).toBe('active,next')
    clock.advance(1000)
    await rotateKey(dataDir, purpose, clock)
    expect(await states()).toBe('accept,active')
  })

  test('pre-tag keys go with the keys they are bound to', async () => {
    await usePlanted()
    expect(await rotateKey(dataDir, 'pre-tag', clock)).toMatchObject({
      ok: false,
      error: { reason: 'not_rotatable' },
    })
    await rotateKey(dataDir, 'token-encryption', clock)
    const rows = (await keyStatus(dataDir)).filter(({ purpose }) => purpose === 'pre-tag')
    expect(rows.map(({ owner, state }) => `${owner} ${state}`).sort()).toEqual([
      'mcp active',
      'mcp next',
      'portal active',
      'portal next',
    ])
  })

  test('a switch that was cut off half-way is completed by the next call', async () => {
    await usePlanted()
    await rotateKey(dataDir, 'receipt', clock)
    clock.advance(5000)
    // As if the process had ended between the two writes: the new one active, the old one still so.
    const folder = keyFolder(dataDir, 'mcp')
    const rows = (await keyStatus(dataDir)).filter(({ purpose }) => purpose === 'receipt')
    const next = rows.find(({ state }) => state === 'next')?.kid ?? ''
    const path = join(folder, `receipt.${next}.json`)
    const file = JSON.parse(await readFile(path, 'utf8')) as { since: number }
    await writeFile(path, JSON.stringify({ ...file, state: 'active', since: file.since + 5 }))
    await expect(load()).rejects.toThrow('2 active keys')
    await rotateKey(dataDir, 'receipt', clock)
    const { mcp } = await load()
    expect(mcp.receipt.active.kid).toBe(next)
  })
})

describe('keys retire', () => {
  const rotated = async (): Promise<string> => {
    await usePlanted()
    const { mcp } = await load()
    await rotateKey(dataDir, 'token-encryption', clock)
    await rotateKey(dataDir, 'token-encryption', clock)
    return mcp.tokenEncryption.active.kid
  }
  const none: ReadonlySet<string> = new Set()

  test('removes an accepted key, its pre-tag key and its pin when its time has passed', async () => {
    const old = await rotated()
    clock.advance(DAY_MS + 180_000)
    const retired = await retireKey(dataDir, old, { kidsInUse: none, clock })
    expect(retired.ok && retired.value.some(({ kid }) => kid === old)).toBe(false)
    const rows = await keyStatus(dataDir)
    expect(rows.filter(({ purpose }) => purpose === 'pre-tag')).toHaveLength(2)
    expect(await readFile(join(keyFolder(dataDir, 'portal'), 'pins.json'), 'utf8')).not.toContain(old)
    await load()
  })

  test('not before, unless it has leaked', async () => {
    const old = await rotated()
    clock.advance(DAY_MS)
    expect(await retireKey(dataDir, old, { kidsInUse: none, clock })).toMatchObject({
      ok: false,
      error: { reason: 'overlap_running' },
    })
    expect((await retireKey(dataDir, old, { kidsInUse: none, clock, now: true })).ok).toBe(true)
    await load()
  })

  test('never the active or the next key, an unknown one, or one that verifies old logs', async () => {
    await rotated()
    await rotateKey(dataDir, 'token-signing', clock)
    const { mcp } = await load()
    const next = (await keyStatus(dataDir)).find(({ state }) => state === 'next')?.kid ?? ''
    for (const [kid, reason] of [
      [mcp.tokenEncryption.active.kid, 'key_active'],
      [next, 'key_active'],
      ['mt-AAAAAAAA', 'kid_unknown'],
      [mcp.auditHead.signer.kid, 'not_rotatable'],
    ] as const) {
      const refused = await retireKey(dataDir, kid, { kidsInUse: none, clock, now: true })
      expect(refused).toMatchObject({ ok: false, error: { reason } })
    }
  })

  test('a key that automation tokens need stays for those alone, leaked or not', async () => {
    await usePlanted()
    const before = await load()
    const [person, automation] = [await aToken(before), await aToken(before, 'ci')]
    const old = before.mcp.tokenEncryption.active.kid
    await rotateTwice('token-encryption')
    const refused = await retireKey(dataDir, old, { kidsInUse: new Set([old]), clock, now: true })
    expect(refused).toMatchObject({ ok: false, error: { reason: 'key_in_use' } })
    const after = await load()
    expect([await person(after), await automation(after)]).toEqual(['key_ci_only', 'opened'])
    expect((await retireKey(dataDir, old, { kidsInUse: none, clock })).ok).toBe(true)
    expect(await automation(await load())).toBe('kid_unknown')
  })

  test.each(['token-signing', 'receipt'] as const)('the same for %s', async (purpose) => {
    await usePlanted()
    const before = await load()
    const [person, automation] = [await aToken(before), await aToken(before, 'ci')]
    await rotateTwice(purpose)
    const old = purpose === 'receipt' ? before.mcp.receipt.active.kid : before.mcp.tokenSigning.active.kid
    await retireKey(dataDir, old, { kidsInUse: new Set([old]), clock, now: true })
    const after = await load()
    const expected = purpose === 'receipt' ? 'receipt_refused' : 'key_ci_only'
    expect([await person(after), await automation(after)]).toEqual([expected, 'opened'])
  })

  test('a wrapping key in use is kept as it is', async () => {
    await usePlanted()
    const old = (await load()).mcp.wrapping.active.kid
    await rotateTwice('wrapping')
    const refused = await retireKey(dataDir, old, { kidsInUse: new Set([old]), clock, now: true })
    expect(refused).toMatchObject({ ok: false, error: { reason: 'key_in_use' } })
    expect((await keyStatus(dataDir)).find(({ kid }) => kid === old)?.state).toBe('accept')
  })
})
