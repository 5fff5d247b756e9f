import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { keyFolder } from '../../../src/crypto/keys/ceremony.ts'
import { KeyFault } from '../../../src/crypto/keys/key-fault.ts'
import {
  keyFile,
  keyFileName,
  pinsFile,
  writeKeyFile,
  writePins,
  type KeyFile,
} from '../../../src/crypto/keys/key-file.ts'
import { readKeyFolder } from '../../../src/crypto/keys/key-folder.ts'
import { publicHalf } from '../../../src/crypto/keys/jwk.ts'
import type { Owner } from '../../../src/crypto/keys/key.ts'
import { KINDS, kindOf, partIn } from '../../../src/crypto/keys/kinds.ts'
import { BYTES_32, findDisagreements, KEY_ID, oneOf, POSITIVE } from '../../support/crypto/bounds.ts'
import { plantedKeys, removePlanted, type PlantedKeys } from '../../support/crypto/planted-keys.ts'
import { without } from '../../support/crypto/token-workshop.ts'
import { ed25519Jwk, rsaJwk, secretJwk } from '../../support/vectors/vector-keys.ts'

afterAll(removePlanted)

const folderOf = (keys: PlantedKeys, owner: Owner): string => keyFolder(keys.dataDir, owner)
/** Every problem of a folder by itself, whatever it lacks. */
async function problems(keys: PlantedKeys, owner: Owner): Promise<readonly string[]> {
  try {
    await readKeyFolder(folderOf(keys, owner), owner)
    return []
  } catch (error) {
    if (error instanceof KeyFault) return error.problems
    throw error
  }
}
const nameOf = async (keys: PlantedKeys, owner: Owner, prefix: string): Promise<string> =>
  basename(await keys.path(owner, prefix))

test('a key folder is read whole: what each file is, whose half it holds, and the pins', async () => {
  const keys = await plantedKeys()
  const read = await readKeyFolder(folderOf(keys, 'portal'), 'portal')
  expect([read.owner, read.path]).toEqual(['portal', folderOf(keys, 'portal')])
  const held = read.files.map(({ prefix, holds }) => `${prefix} ${holds}`)
  expect(held.sort()).toEqual([
    ...['ma public', 'mt public', 'pa private', 'pc private'],
    ...['pi private', 'pj private', 'pl private', 'ps private', 'pt private'],
  ])
  const publics = read.files.filter(({ holds }) => holds === 'public')
  expect(read.pins).toEqual(Object.fromEntries(publics.map(({ kid, thumbprint }) => [kid, thumbprint])))
  for (const { prefix, holds, ...file } of read.files) {
    expect([kindOf(file.kid)?.prefix, 'd' in file.jwk || 'k' in file.jwk]).toEqual([
      ...[prefix, holds === 'private'],
    ])
    expect(file).toEqual(await keys.read('portal', prefix))
  }
  const names = await readdir(folderOf(keys, 'portal'))
  expect(read.files.map(keyFileName)).toEqual(names.filter((name) => name !== 'pins.json').sort())
})

test('a folder that needs no pins has none, and bookkeeping beside the keys is passed over', async () => {
  const keys = await plantedKeys()
  await mkdir(join(folderOf(keys, 'ops'), '..2026_data'))
  await writeFile(join(folderOf(keys, 'ops'), '..draft'), 'half a key')
  const read = await readKeyFolder(folderOf(keys, 'ops'), 'ops')
  expect([read.files.map(({ prefix }) => prefix), read.pins]).toEqual([['op'], {}])
})

test('a folder that is not there is told, with what makes one', async () => {
  const missing = readKeyFolder('/nowhere/keys', 'mcp')
  await expect(missing).rejects.toThrow(
    'keys: /nowhere/keys: cannot be read; `maximo-mcp keys init` makes keys',
  )
  await expect(missing).rejects.toMatchObject({ name: 'KeyFault' })
  expect(new KeyFault(['one', 'another']).message).toBe('keys: one; another')
})

describe('a file that is not what may lie there is told by its name', () => {
  const OKP = ed25519Jwk('folder')
  const RSA = rsaJwk('folder')

  test.each<
    [said: string, of: [Owner, string], spoil: (keys: PlantedKeys, path: string) => Promise<unknown>]
  >([
    ['is no key file of ours', ['mcp', 'mg'], (_keys, path) => writeFile(path, '{')],
    ['is no key file of ours', ['mcp', 'mg'], (_keys, path) => rm(path).then(() => mkdir(path))],
    [
      'thumbprint does not match the key',
      ['mcp', 'mg'],
      (keys) => keys.edit('mcp', 'mg', (file) => ({ ...file, jwk: secretJwk('other') })),
    ],
    [
      'thumbprint does not match the key',
      ['mcp', 'mg'],
      (keys) => keys.edit('mcp', 'mg', (file) => ({ ...file, thumbprint: 'A'.repeat(43) })),
    ],
    [
      'holds another type of key than its purpose needs',
      ['mcp', 'mg'],
      (keys) => keys.plant('mcp', 'mg', OKP),
    ],
    [
      'boundTo belongs to pre-tag keys',
      ['mcp', 'mg'],
      (keys) => keys.edit('mcp', 'mg', (file) => ({ ...file, boundTo: 'mt-AAAAAAAA' })),
    ],
    [
      'boundTo belongs to pre-tag keys',
      ['mcp', 'pt'],
      (keys) => keys.edit('mcp', 'pt', (file) => without(file, 'boundTo')),
    ],
    ['pins.json does not name this key', ['mcp', 'ps'], (keys) => repin(keys, 'ps', {})],
    [
      'pins.json does not name this key',
      ['mcp', 'ps'],
      async (keys) => repin(keys, 'ps', { [(await keys.read('mcp', 'ps')).kid]: 'A'.repeat(43) }),
    ],
    [
      'thumbprint does not match the key',
      ['mcp', 'mg'],
      (keys) => keys.edit('mcp', 'mg', (file) => ({ ...file, kid: 'mg-AAAAAAAA' })),
    ],
    [
      'has private and public halves that do not match',
      ['mcp', 'ma'],
      (keys) => keys.plant('mcp', 'ma', { ...OKP, d: ed25519Jwk('other').d }),
    ],
    ['can be read by others; set its mode to 0600', ['mcp', 'mg'], (_keys, path) => chmod(path, 0o610)],
    ['must hold the public half of the key here', ['mcp', 'ps'], (keys) => keys.plant('mcp', 'ps', OKP)],
    [
      'must hold the private half of the key here',
      ['portal', 'ps'],
      (keys) => keys.plant('portal', 'ps', publicHalf(OKP)),
    ],
    [
      'is an RSA private key; the portal may hold none',
      ['portal', 'mt'],
      (keys) => keys.plant('portal', 'mt', RSA),
    ],
  ])('%s (%j)', async (said, [owner, prefix], spoil) => {
    const keys = await plantedKeys()
    expect(await problems(keys, owner)).toEqual([])
    await spoil(keys, await keys.path(owner, prefix))
    expect(await problems(keys, owner)).toEqual([`${await nameOf(keys, owner, prefix)}: ${said}`])
  })

  test('one that belongs to another', async () => {
    const keys = await plantedKeys()
    const [from, name] = [await keys.path('mcp', 'mg'), await nameOf(keys, 'mcp', 'mg')]
    await rename(from, join(folderOf(keys, 'portal'), name))
    expect(await problems(keys, 'portal')).toEqual([`${name}: does not belong in the folder of portal`])
  })

  test.each<[what: string, bend: (file: { kid: string; purpose: string }) => [file: object, name: string]]>([
    ['under another name', (file) => [file, `receipt.x-${file.kid}.json`]],
    ['of another purpose', (file) => [{ ...file, purpose: 'wrapping' }, `wrapping.${file.kid}.json`]],
    [
      'of no kind that there is',
      (file) => [{ ...file, kid: 'zz-AAAAAAAA' }, `${file.purpose}.zz-AAAAAAAA.json`],
    ],
  ])('%s', async (_what, bend) => {
    const keys = await plantedKeys()
    const path = await keys.path('mcp', 'mg')
    const [file, name] = bend(await keys.read('mcp', 'mg'))
    await rm(path)
    await keys.write('mcp', name, JSON.stringify(file))
    expect(await problems(keys, 'mcp')).toEqual([`${name}: name, kid and purpose do not belong together`])
  })

  test('everything that is wrong at once, and a public half may be read by others', async () => {
    const keys = await plantedKeys()
    await chmod(await keys.path('mcp', 'ps'), 0o644)
    expect(await problems(keys, 'mcp')).toEqual([])
    await keys.write('mcp', 'x.json', '{}')
    await keys.write('mcp', 'pins.json', '[]')
    const publics = await Promise.all(['op', 'pa', 'pi', 'ps'].map((prefix) => nameOf(keys, 'mcp', prefix)))
    expect([...(await problems(keys, 'mcp'))].sort()).toEqual(
      [
        'pins.json: is not a list of thumbprints by kid',
        'x.json: is no key file of ours',
        ...publics.map((name) => `${name}: pins.json does not name this key`),
      ].sort(),
    )
  })
})

/** Puts other pins in the place of those of a kind. */
async function repin(keys: PlantedKeys, prefix: string, others: object): Promise<void> {
  const pins = JSON.parse(await readFile(join(folderOf(keys, 'mcp'), 'pins.json'), 'utf8')) as object
  const left = Object.entries(pins).filter(([kid]) => !kid.startsWith(prefix))
  await keys.write('mcp', 'pins.json', JSON.stringify({ ...Object.fromEntries(left), ...others }))
}

describe('a key file', () => {
  const aFile: KeyFile = {
    ...{ kid: 'pt-A1_-zZ09', purpose: 'pre-tag', state: 'next', created: 1, since: 2 },
    ...{ thumbprint: 'A'.repeat(43), boundTo: 'mt-AAAAAAAA', jwk: secretJwk('file') },
  }
  const pins = { 'mt-AAAAAAAA': 'A'.repeat(43) }

  test('has these members, within these bounds', () => {
    const bounds = {
      ...{ kid: KEY_ID, purpose: { takes: ['x'], refuses: [7, null] } },
      ...{ state: oneOf('active', 'accept', 'next', 'ci-only'), created: POSITIVE, since: POSITIVE },
      ...{ thumbprint: BYTES_32, boundTo: KEY_ID, 'jwk.kty': oneOf('oct') },
      'jwk.k': {
        takes: [secretJwk('other').k],
        // 42 characters and one that says bits beyond the 32nd byte.
        refuses: [`${'A'.repeat(42)}B`, 'A'.repeat(42), 'A'.repeat(44), '', null],
      },
    }
    const shape = { schema: keyFile, whole: { ...aFile }, bounds, optional: ['boundTo'] }
    expect(findDisagreements(shape)).toEqual([])
    expect([pins, { x: 'y' }].map((one) => pinsFile.safeParse(one).success)).toEqual([true, false])
  })

  test('is written whole, for its owner alone, over a draft that was left behind', async () => {
    const keys = await plantedKeys()
    const folder = join(folderOf(keys, 'mcp'), 'written')
    await mkdir(folder)
    await writeFile(join(folder, '..draft'), 'left behind', { mode: 0o644 })
    await writeKeyFile(folder, aFile)
    await writePins(folder, pins)
    expect((await readdir(folder)).sort()).toEqual(['pins.json', 'pre-tag.pt-A1_-zZ09.json'])
    for (const [name, content] of [
      ['pre-tag.pt-A1_-zZ09.json', aFile],
      ['pins.json', pins],
    ] as const) {
      expect(await readFile(join(folder, name), 'utf8')).toBe(`${JSON.stringify(content, null, 2)}\n`)
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    }
  })

  test('that cannot be written leaves what was there', async () => {
    const keys = await plantedKeys()
    const folder = dirname(await keys.path('mcp', 'mg'))
    await expect(writeKeyFile(join(folder, 'nowhere'), aFile)).rejects.toThrow('ENOENT')
    expect(await problems(keys, 'mcp')).toEqual([])
  })
})

test('how long what was made with a key may still arrive (design §4.6)', () => {
  const seconds = Object.fromEntries(Object.entries(KINDS).map(([prefix, kind]) => [prefix, kind.overlapS]))
  expect(seconds).toEqual({
    ...{ mt: 86_520, ps: 86_520, pt: 86_520 },
    ...{ mg: 15_552_000, pl: 15_552_000, ml: 15_552_000, mw: 31_104_000 },
    ...{ pc: 600, pi: 300, op: 300, mj: 300, pj: 300, pa: Infinity, ma: Infinity },
  })
})

test('whose folder holds what of a kind', () => {
  const parts = (['mt', 'ps', 'pt', 'mg', 'op'] as const).map((prefix) =>
    (['portal', 'mcp', 'ops'] as const).map((owner) => partIn(owner, KINDS[prefix])),
  )
  expect(parts).toEqual([
    ['public', 'private', 'none'],
    ['private', 'public', 'none'],
    ['private', 'private', 'none'],
    ['none', 'private', 'none'],
    ['none', 'public', 'private'],
  ])
  expect(kindOf('mt-AAAAAAAA')).toEqual({ prefix: 'mt', ...KINDS.mt })
  expect([kindOf('mtAAAAAAAAA'), kindOf('A-mt-'), kindOf('')]).toEqual([null, null, null])
})
