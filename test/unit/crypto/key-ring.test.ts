import { hkdfSync, type KeyObject, type webcrypto } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyFolder, rotateKey } from '../../../src/crypto/keys/ceremony.ts'
import {
  auditHeadPublic,
  auditHeadVerifiersFrom,
  loadAuditHeadPublics,
  thumbprintOf,
} from '../../../src/crypto/keys/audit-head-publics.ts'
import type { KeyFile } from '../../../src/crypto/keys/key-file.ts'
import { publicHalf } from '../../../src/crypto/keys/jwk.ts'
import { readKeyFolder } from '../../../src/crypto/keys/key-folder.ts'
import {
  loadAuditHeadVerifiers,
  loadMcpKeys,
  loadOperatorKey,
  loadPortalKeys,
  ownerOf,
  type McpKeys,
  type PortalKeys,
} from '../../../src/crypto/keys/key-ring.ts'
import type { Key, KeySet, Owner } from '../../../src/crypto/keys/key.ts'
import { KINDS, type Prefix } from '../../../src/crypto/keys/kinds.ts'
import { manualClock } from '../../support/clock.ts'
import { findDisagreements, oneOf } from '../../support/crypto/bounds.ts'
import { plantedKeys, removePlanted, type PlantedKeys } from '../../support/crypto/planted-keys.ts'
import { without } from '../../support/crypto/token-workshop.ts'

let keys: PlantedKeys
let portal: PortalKeys
let mcp: McpKeys
const folderOf = (owner: Owner): string => keyFolder(keys.dataDir, owner)
beforeAll(async () => {
  keys = await plantedKeys()
  portal = await loadPortalKeys(folderOf('portal'))
  mcp = await loadMcpKeys(folderOf('mcp'))
})
afterAll(removePlanted)

const kidOf = async (owner: Owner, prefix: Prefix): Promise<string> => (await keys.read(owner, prefix)).kid
const typeOf = (key: Key | null | undefined): string | undefined => key?.material.type

describe('each service loads the keys of its own, each for one purpose', () => {
  test.each<[set: string, of: () => KeySet, owner: Owner, prefix: Prefix, type: string]>([
    ['token encryption, at the portal', () => portal.tokenEncryption, 'portal', 'mt', 'public'],
    ['token signing, at the portal', () => portal.tokenSigning, 'portal', 'ps', 'private'],
    ['internal signing, at the portal', () => portal.internalSigning, 'portal', 'pi', 'private'],
    ['codes', () => portal.code, 'portal', 'pc', 'secret'],
    ['token encryption, at the MCP server', () => mcp.tokenEncryption, 'mcp', 'mt', 'private'],
    ['token signing, at the MCP server', () => mcp.tokenSigning, 'mcp', 'ps', 'public'],
    ['internal signing, at the MCP server', () => mcp.internalSigning, 'mcp', 'pi', 'public'],
    ['receipts', () => mcp.receipt, 'mcp', 'mg', 'secret'],
    ['wrapping', () => mcp.wrapping, 'mcp', 'mw', 'secret'],
  ])('%s', async (_name, of, owner, prefix, type) => {
    const { purpose } = KINDS[prefix]
    const kid = await kidOf(owner, prefix)
    const keys = of()
    const { active, purpose: said } = keys
    expect([said, active.purpose, active.kid, active.state]).toEqual([purpose, purpose, kid, 'active'])
    expect([typeOf(active), keys.find(kid) === active, keys.find('mt-AAAAAAAA')]).toEqual([
      type,
      true,
      undefined,
    ])
  })

  test('the pre-tag key is found by the encryption key that it is bound to', async () => {
    const [tag, kid] = [await kidOf('mcp', 'pt'), await kidOf('mcp', 'mt')]
    for (const { preTag } of [portal, mcp]) {
      expect(preTag.findFor(kid)).toMatchObject({ kid: tag, purpose: 'pre-tag', state: 'active' })
      expect(preTag.findFor(tag)).toBeUndefined()
    }
  })

  test('what is signed among peers is signed by one half and verified by the other', async () => {
    for (const [owner, prefix, { peer }] of [
      ['mcp', 'mj', mcp],
      ['portal', 'pj', portal],
    ] as const) {
      const kid = await kidOf(owner, prefix)
      const [own, found] = [peer.active, peer.find(kid)]
      expect([own?.kid, own?.purpose, own?.state, typeOf(own)]).toEqual([
        ...[kid, 'peer', 'active', 'private'],
      ])
      expect([found?.kid, found?.purpose, found?.state, typeOf(found)]).toEqual([
        ...[kid, 'peer', 'active', 'public'],
      ])
    }
    expect(mcp.peer.find(await kidOf('portal', 'pj'))).toBeUndefined()
    const former = await plantedKeys()
    await former.edit('mcp', 'mj', (file) => ({ ...file, state: 'accept' }))
    const { peer } = await loadMcpKeys(keyFolder(former.dataDir, 'mcp'))
    expect([peer.active, peer.find((await former.read('mcp', 'mj')).kid)?.state]).toEqual([
      undefined,
      'accept',
    ])
  })

  test('each signs its own audit heads and verifies those of both', async () => {
    const [ma, pa] = [await kidOf('mcp', 'ma'), await kidOf('portal', 'pa')]
    const verifiers = await loadAuditHeadVerifiers(folderOf('portal'), 'portal')
    const signers = [mcp.auditHead.signer, portal.auditHead.signer]
    expect(signers.map((key) => [key.kid, key.purpose, typeOf(key)])).toEqual([
      [ma, 'audit-head', 'private'],
      [pa, 'audit-head', 'private'],
    ])
    for (const found of [mcp.auditHead.verifiers, portal.auditHead.verifiers, verifiers]) {
      const both = [found.find(ma), found.find(pa)]
      expect(both.map((key) => [key?.kid, key?.purpose, typeOf(key)])).toEqual([
        [ma, 'audit-head', 'public'],
        [pa, 'audit-head', 'public'],
      ])
      expect(found.find(await kidOf('mcp', 'mj'))).toBeUndefined()
    }
    expect([pa, ma, 'xx-AAAAAAAA'].map(ownerOf)).toEqual(['portal', 'mcp', 'mcp'])
  })

  test('the operator signs, and the MCP server knows the key', async () => {
    const kid = await kidOf('ops', 'op')
    const own = await loadOperatorKey(folderOf('ops'))
    expect([own.kid, own.purpose, typeOf(own)]).toEqual([kid, 'ops', 'private'])
    const known = mcp.operator.find(kid)
    expect([known?.kid, known?.purpose, typeOf(known)]).toEqual([kid, 'ops', 'public'])
  })

  test('what the portal publishes and what both tell of their keys', async () => {
    const { kid, jwk } = await keys.read('portal', 'ps')
    expect(portal.publicJwks).toEqual({ keys: [{ ...publicHalf(jwk), kid, alg: 'Ed25519', use: 'sig' }] })
    for (const [owner, { infos }] of [
      ['portal', portal],
      ['mcp', mcp],
    ] as const) {
      const files = await Promise.all(
        infos.map(({ kid: one }) => keys.read(owner, one.slice(0, 2) as Prefix)),
      )
      const told = ({ kid: one, purpose, state, thumbprint }: KeyFile) => ({
        kid: one,
        purpose,
        state,
        thumbprint,
      })
      expect(infos).toEqual(files.map(told))
    }
    expect([portal.infos.length, mcp.infos.length]).toEqual([9, 11])
  })
})

test('sub-keys of a label: HKDF-SHA-256, of the active key first, then of every other', async () => {
  const rotated = await plantedKeys()
  for (let times = 0; times < 3; times += 1) await rotateKey(rotated.dataDir, 'local', manualClock())
  const folder = keyFolder(rotated.dataDir, 'mcp')
  // The active one is the last of them by name.
  const before = (await readKeyFolder(folder, 'mcp')).files.filter(({ prefix }) => prefix === 'ml')
  for (const [index, file] of before.entries()) {
    const state = index === before.length - 1 ? 'active' : 'accept'
    const written = JSON.stringify({ ...without(file, 'prefix', 'holds'), state })
    await rotated.write('mcp', `local.${file.kid}.json`, written)
  }
  const { files } = await readKeyFolder(folder, 'mcp')
  const { local } = await loadMcpKeys(folder)
  const derived = (label: string) =>
    new Map(
      files.flatMap(({ kid, jwk }) =>
        jwk.kty === 'oct'
          ? [[kid, new Uint8Array(hkdfSync('sha256', Buffer.from(jwk.k, 'base64url'), '', label, 32))]]
          : [],
      ),
    )
  expect([local.active, local.all[0]].map((key) => [key?.kid, key?.derive('form')])).toEqual(
    files.flatMap(({ kid, prefix, state }) =>
      prefix === 'ml' && state === 'active' ? [1, 2].map(() => [kid, derived('form').get(kid)]) : [],
    ),
  )
  expect(local.all.map(({ kid }) => kid).toSorted()).toEqual(
    files.flatMap(({ kid, prefix }) => (prefix === 'ml' ? [kid] : [])).toSorted(),
  )
  expect(local.all).toHaveLength(3)
  for (const key of local.all) {
    const { kid } = key
    expect([key.derive('form'), key.derive('cursor')]).toEqual([
      derived('form').get(kid),
      derived('cursor').get(kid),
    ])
    expect(key.derive('form')).toBe(key.derive('form'))
  }
})

describe('a service does not start', () => {
  const ACTIVE: readonly [Owner, readonly Prefix[]][] = [
    ['portal', ['mt', 'ps', 'pi', 'pc', 'pl', 'pa', 'ma']],
    ['mcp', ['mt', 'ps', 'pi', 'mg', 'mw', 'ml', 'ma', 'pa']],
  ]
  test.each(ACTIVE.flatMap(([owner, prefixes]) => prefixes.map((prefix) => [owner, prefix] as const)))(
    'at %s without an active key of %s',
    async (owner, prefix) => {
      const bent = await plantedKeys()
      await bent.edit(owner, prefix, (file) => ({ ...file, state: 'accept' }))
      expect(await bent.problems(owner)).toEqual([
        `${keyFolder(bent.dataDir, owner)}: ${KINDS[prefix].purpose} (${prefix}): 0 active keys instead of one`,
      ])
    },
  )

  test('the operator’s tool without an active key', async () => {
    const bent = await plantedKeys()
    await bent.edit('ops', 'op', (file) => ({ ...file, state: 'next' }))
    const folder = keyFolder(bent.dataDir, 'ops')
    await expect(loadOperatorKey(folder)).rejects.toThrow(
      `keys: ${folder}: ops (op): 0 active keys instead of one`,
    )
  })

  test('with an encryption key that no pre-tag key is bound to', async () => {
    const bent = await plantedKeys()
    await bent.edit('portal', 'pt', (file) => ({ ...file, boundTo: 'mt-AAAAAAAA' }))
    const { kid } = await bent.read('portal', 'mt')
    expect(await bent.problems('portal')).toEqual([
      `${keyFolder(bent.dataDir, 'portal')}: ${kid}: has no pre-tag key`,
    ])
  })
})

describe('the keys that verify audit heads, as they are given to others', () => {
  const KEY = { kid: 'pa-AAAAAAAA', kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) }
  const kids = {
    takes: ['pa-AAAAAAAA', 'ma-AAAAAAAA', `ma-${'A'.repeat(97)}`],
    refuses: ['ps-AAAAAAAA', 'xx-AAAAAAAA', 'pa', '', `ma-${'A'.repeat(98)}`, null, 7],
  }

  test('have these members, within these bounds', () => {
    const bounds = {
      ...{ kid: kids, kty: oneOf('OKP'), crv: oneOf('Ed25519') },
      x: {
        takes: ['A'.repeat(43)],
        refuses: [`${'A'.repeat(42)}B`, 'A'.repeat(42), 'A'.repeat(44), '', null],
      },
    }
    expect(findDisagreements({ schema: auditHeadPublic, whole: KEY, bounds })).toEqual([])
  })

  test('are those of both services, and nothing but their public halves', async () => {
    const publics = await loadAuditHeadPublics(folderOf('mcp'), 'mcp')
    const files = [await keys.read('mcp', 'ma'), await keys.read('mcp', 'pa')]
    expect([...publics].sort((one, other) => (one.kid < other.kid ? -1 : 1))).toEqual(
      files.map(({ kid, jwk }) => ({ kid, ...publicHalf(jwk) })),
    )
    for (const one of publics) {
      expect(await thumbprintOf(one)).toBe(files.find(({ kid }) => kid === one.kid)?.thumbprint)
    }
    const verifiers = await auditHeadVerifiersFrom(publics)
    for (const { kid } of publics) {
      const found = verifiers.find(kid)
      expect(found).toMatchObject({ kid, purpose: 'audit-head', state: 'accept' })
      expect((found?.material as webcrypto.CryptoKey | KeyObject).type).toBe('public')
    }
    expect(verifiers.find('ma-AAAAAAAA')).toBeUndefined()
  })
})
