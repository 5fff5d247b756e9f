import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  initKeys,
  keyFolder,
  keyStatus,
  retireKey,
  rotateKey,
  type KeyRow,
} from '../../../src/crypto/keys/ceremony.ts'
import type { Purpose } from '../../../src/crypto/keys/key.ts'
import { PREFIXES, type Prefix } from '../../../src/crypto/keys/kinds.ts'
import { manualClock, type ManualClock } from '../../support/clock.ts'
import { plantedKeys, removePlanted, type PlantedKeys } from '../../support/crypto/planted-keys.ts'

/* What an operator reads of the ceremony, and what is left in the folders after each step. */

const HOUR_MS = 3_600_000
let keys: PlantedKeys
let dataDir: string
let clock: ManualClock
beforeEach(async () => {
  keys = await plantedKeys()
  dataDir = keys.dataDir
  clock = manualClock()
})
afterAll(removePlanted)

const nowS = (): number => Math.floor(clock.nowMs() / 1000)
const rowsOf = async (prefix: Prefix): Promise<readonly KeyRow[]> =>
  (await keyStatus(dataDir)).filter(({ kid }) => kid.startsWith(`${prefix}-`))
const statesOf = async (prefix: Prefix): Promise<string> =>
  (await rowsOf(prefix))
    .map(({ owner, state }) => `${owner} ${state}`)
    .sort()
    .join()
const rotate = async (purpose: Purpose, times: number): Promise<void> => {
  for (let done = 0; done < times; done += 1) {
    clock.advance(1000)
    await rotateKey(dataDir, purpose, clock)
  }
}
const activeOf = async (prefix: Prefix): Promise<string> =>
  (await rowsOf(prefix)).find(({ state }) => state === 'active')?.kid ?? ''
const refusal = (reason: string, message: string) => ({ ok: false, error: { reason, message } })
const retire = (kid: string, options: { now?: boolean; kidsInUse?: readonly string[] } = {}) =>
  retireKey(dataDir, kid, {
    ...{ kidsInUse: new Set(options.kidsInUse), clock },
    ...(options.now === undefined ? {} : { now: options.now }),
  })
/** All that lies in the folders. */
const everything = async (): Promise<Record<string, string>> => {
  const paths = (
    await Promise.all(
      (['portal', 'mcp', 'ops'] as const).map(async (owner) =>
        (await readdir(keyFolder(dataDir, owner))).map((name) => join(keyFolder(dataDir, owner), name)),
      ),
    )
  ).flat()
  const texts = await Promise.all(paths.map(async (path) => [path, await readFile(path, 'utf8')] as const))
  return Object.fromEntries(texts)
}

test('keys lie where the services and the operator look for them', () => {
  expect(keyFolder('/data', 'mcp')).toBe(join('/data', 'mcp', 'keys'))
})

test('every key is told once for each folder, in the order of the kinds', async () => {
  const rows = await keyStatus(dataDir)
  const told = rows.map(({ kid, owner, holds }) => `${kid.slice(0, 2)} ${owner} ${holds}`)
  const places: Record<Prefix, readonly string[]> = {
    ...{ mt: ['mcp private', 'portal public'], ps: ['mcp public', 'portal private'] },
    ...{ pi: ['mcp public', 'portal private'], mg: ['mcp private'], mw: ['mcp private'] },
    ...{ pc: ['portal private'], pt: ['mcp private', 'portal private'], pl: ['portal private'] },
    ...{ ml: ['mcp private'], pa: ['mcp public', 'portal private'], ma: ['mcp private', 'portal public'] },
    ...{ op: ['mcp public', 'ops private'], mj: ['mcp private'], pj: ['portal private'] },
  }
  expect(told).toEqual(PREFIXES.flatMap((prefix) => places[prefix].map((place) => `${prefix} ${place}`)))
  const { purpose, state, thumbprint, created, since } = await keys.read('mcp', 'mg')
  const kid = await activeOf('mg')
  expect(rows.find((row) => row.kid === kid)).toEqual({
    ...{ owner: 'mcp', kid, purpose, state, thumbprint, holds: 'private', created, since },
  })
})

test('keys of one kind are told by kid, in both folders alike', async () => {
  await rotate('token-signing', 3)
  const kids = (await rowsOf('ps')).map(({ kid }) => kid)
  expect(kids).toEqual([...kids].sort())
  expect(new Set(kids).size).toBe(3)
  expect((await rowsOf('ps')).map(({ owner }) => owner)).toEqual(Array(3).fill(['mcp', 'portal']).flat())
})

describe('keys init', () => {
  test('says which folder is in its way', async () => {
    expect(await initKeys(dataDir, clock)).toEqual(
      refusal('keys_exist', `${keyFolder(dataDir, 'portal')} is not empty; keys are never overwritten`),
    )
  })

  test('makes folders that are not there, beside empty ones, and leaves nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mx-init-'))
    const fresh = join(folder, 'a', 'b')
    await mkdir(keyFolder(fresh, 'mcp'), { recursive: true })
    const made = await initKeys(fresh, clock)
    expect(made).toEqual({ ok: true, value: await keyStatus(fresh) })
    expect((await readdir(fresh)).sort()).toEqual(['mcp', 'ops', 'portal'])
    expect(made.ok && [...new Set(made.value.map((row) => row.created - row.since))]).toEqual([0])
    expect(made.ok && made.value[0]?.created).toBe(nowS())
    for (const owner of ['portal', 'ops']) expect((await stat(join(fresh, owner))).mode & 0o777).toBe(0o700)
    const pins = JSON.parse(await readFile(join(keyFolder(fresh, 'portal'), 'pins.json'), 'utf8')) as object
    const pinned = made.ok ? made.value.filter((row) => row.owner === 'portal' && row.holds === 'public') : []
    expect(pins).toEqual(Object.fromEntries(pinned.map((row) => [row.kid, row.thumbprint])))
    await rm(folder, { recursive: true })
  })
})

describe('keys rotate', () => {
  test('pre-tag keys go with others, and it says so', async () => {
    expect(await rotateKey(dataDir, 'pre-tag', clock)).toEqual(
      refusal('not_rotatable', 'pre-tag keys rotate with token-encryption'),
    )
  })

  test('changes keys of the purpose alone, and tells all of them', async () => {
    const before = await everything()
    const told = await rotateKey(dataDir, 'code', clock)
    expect(told).toEqual({ ok: true, value: await keyStatus(dataDir) })
    const after = await everything()
    const changed = Object.keys(after).filter((path) => after[path] !== before[path])
    expect(changed.map((path) => basename(path).replace(/-.*/, ''))).toEqual(['code.pc'])
    expect(await statesOf('pc')).toBe('portal active,portal next')
  })

  test('each step has its time: made, active, accepted', async () => {
    const made = nowS()
    const first = await activeOf('ps')
    await rotate('token-signing', 1)
    clock.advance(HOUR_MS)
    await rotate('token-signing', 1)
    const rows = await rowsOf('ps')
    expect(
      rows.map(({ kid, state, created, since }) => [kid === first, state, created - made, since - made]),
    ).toEqual(
      [...rows].map(({ kid }) => (kid === first ? [true, 'accept', 0, 3602] : [false, 'active', 1, 3602])),
    )
    const second = await activeOf('ps')
    await rotate('token-signing', 2)
    // The one that was accepted before keeps its time, by which it is retired.
    expect((await rowsOf('ps')).filter(({ kid }) => kid === first).map(({ since }) => since - made)).toEqual([
      ...[3602, 3602],
    ])
    expect((await rowsOf('ps')).find(({ kid }) => kid === second)?.since).toBe(nowS())
  })

  test.each([0, 1])(
    'a switch that was cut off is completed with the younger one, be it file %i',
    async (younger) => {
      await rotate('receipt', 1)
      clock.advance(10_000)
      const rows = await rowsOf('mg')
      const folder = keyFolder(dataDir, 'mcp')
      for (const [index, { kid }] of rows.entries()) {
        const path = join(folder, `receipt.${kid}.json`)
        const file = JSON.parse(await readFile(path, 'utf8')) as object
        const since = index === younger ? nowS() - 2 : nowS() - 3
        await writeFile(path, JSON.stringify({ ...file, state: 'active', since }))
      }
      await rotate('receipt', 1)
      const told = (await rowsOf('mg')).map(({ state, since }) => [state, nowS() - since])
      const [accept, active] = [
        ['accept', 0],
        ['active', 3],
      ]
      expect(told).toEqual(younger === 1 ? [accept, active] : [active, accept])
    },
  )

  test.each(['portal', 'mcp'] as const)(
    'without the folder of %s nothing is told or changed',
    async (owner) => {
      await rm(keyFolder(dataDir, owner), { recursive: true })
      const missing = `${keyFolder(dataDir, owner)}: cannot be read`
      await expect(keyStatus(dataDir)).rejects.toThrow(missing)
      await expect(rotateKey(dataDir, 'code', clock)).rejects.toThrow(missing)
      await expect(retire('mg-AAAAAAAA')).rejects.toThrow(missing)
    },
  )

  test('the operator’s folder is made where it is not, for the operator alone', async () => {
    await rm(join(dataDir, 'ops'), { recursive: true })
    await rotate('code', 1)
    expect(await readdir(dataDir)).not.toContain('ops')
    await rotate('ops', 1)
    for (const path of [join(dataDir, 'ops'), keyFolder(dataDir, 'ops')]) {
      expect((await stat(path)).mode & 0o777).toBe(0o700)
    }
    expect(await statesOf('op')).toBe('mcp accept,mcp active,ops active')
    expect((await rowsOf('op')).every(({ since }) => since === nowS())).toBe(true)
  })

  test('a key that is missing where it cannot be missing is told, not replaced', async () => {
    await rm(await keys.path('portal', 'pc'))
    await rotate('code', 1)
    expect(await statesOf('pc')).toBe('portal next')
  })
})

describe('keys retire', () => {
  test('an unknown key, a pre-tag key, one that verifies logs, and one that is not out of use', async () => {
    const [pt, mt, ma] = [await activeOf('pt'), await activeOf('mt'), await activeOf('ma')]
    await rotate('code', 1)
    const next = (await rowsOf('pc')).find(({ state }) => state === 'next')?.kid ?? ''
    const before = await everything()
    expect(await retire('mg-AAAAAAAA')).toEqual(refusal('kid_unknown', 'mg-AAAAAAAA is in no key folder'))
    expect(await retire(pt)).toEqual(refusal('not_rotatable', `${pt} goes with ${mt}`))
    expect(await retire(ma)).toEqual(
      refusal('not_rotatable', `${ma} verifies old audit logs; keep it as long as those`),
    )
    expect(await retire(mt)).toEqual(refusal('key_active', `${mt} is active; rotate token-encryption first`))
    expect(await retire(next)).toEqual(refusal('key_active', `${next} is next; rotate code first`))
    expect(await everything()).toEqual(before)
  })

  test('one whose overlap runs, with the hours that are left, until its last second', async () => {
    const old = await activeOf('pc')
    await rotate('code', 2)
    const running = refusal(
      'overlap_running',
      `${old} may still be needed for 1 hours; --now if it has leaked`,
    )
    expect([await retire(old), await retire(old, { now: false })]).toEqual([running, running])
    clock.advance(599_000)
    expect(await retire(old)).toEqual(running)
    clock.advance(1000)
    expect(await retire(old)).toEqual({ ok: true, value: await keyStatus(dataDir) })
    expect(await statesOf('pc')).toBe('portal active')
  })

  test('takes the key, what is bound to it and their pins, and nothing else', async () => {
    const [mt, pt] = [await activeOf('mt'), await activeOf('pt')]
    await rotate('token-encryption', 2)
    const before = await everything()
    await retire(mt, { now: true })
    const after = await everything()
    const gone = Object.keys(before).filter((path) => after[path] === undefined)
    expect(gone.map((path) => basename(path)).sort()).toEqual([
      ...Array(2).fill(`pre-tag.${pt}.json`),
      ...Array(2).fill(`token-encryption.${mt}.json`),
    ])
    const pins = join(keyFolder(dataDir, 'portal'), 'pins.json')
    const changed = Object.keys(after).filter((path) => after[path] !== before[path])
    expect(changed).toEqual([pins])
    const left = Object.entries(JSON.parse(before[pins] ?? '') as object).filter(([kid]) => kid !== mt)
    expect(JSON.parse(after[pins] ?? '')).toEqual(Object.fromEntries(left))
    expect(left).toHaveLength(2)
  })

  test('one that records name: for automation tokens alone, or not at all', async () => {
    const [ps, mw] = [await activeOf('ps'), await activeOf('mw')]
    await rotate('token-signing', 2)
    await rotate('wrapping', 2)
    clock.advance(5000)
    const use = { now: true, kidsInUse: [ps, mw] }
    expect(await retire(mw, use)).toEqual(refusal('key_in_use', `${mw} is named by records in use`))
    expect(await retire(ps, use)).toEqual(
      refusal('key_in_use', `${ps} is named by automation tokens; it now serves those alone`),
    )
    expect(
      (await rowsOf('ps')).filter(({ kid }) => kid === ps).map(({ state, since }) => [state, since]),
    ).toEqual(Array(2).fill(['ci-only', nowS()]))
    expect(await statesOf('mw')).toBe('mcp accept,mcp active')
  })
})
