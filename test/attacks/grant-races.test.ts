import { afterAll, beforeAll, expect, test } from 'vitest'
import { wrapCredential } from '../../src/crypto/wrapped.ts'
import { openJournal } from '../../src/kernel/journal.ts'
import { randomId } from '../../src/kernel/random.ts'
import { ok } from '../../src/kernel/result.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { MemoryStore } from '../../src/kernel/store/memory-store.ts'
import { readPresets } from '../../src/mcp/admission/presets.ts'
import { attestGrant } from '../../src/mcp/internal/attest-grant.ts'
import { openRecords, type Records } from '../../src/mcp/records/records.ts'
import { scratchFolder } from '../support/folder.ts'
import { captureLog } from '../support/log.ts'
import { openWorkshop, type Workshop } from '../support/crypto/token-workshop.ts'

let workshop: Workshop
beforeAll(async () => {
  workshop = await openWorkshop()
})
afterAll(() => workshop.close())

const SESSION = {
  sub: 'user_alice',
  sid: 'sess_alice',
  pla: 'pro',
  fea: 'audit',
  fva: [0, -1] as [number, number],
}

/** An attestation with everything real but Clerk; `meanwhile` happens while it waits for its plan record's disk. */
async function attestWhile(meanwhile: (records: Records, env: string) => Promise<unknown>) {
  const { clock } = workshop
  const store = new MemoryStore(clock)
  const journal = await openJournal({ folder: await scratchFolder(), writer: 'mcp-1', clock })
  const records = await openRecords({ journal, store, clock, log: captureLog().log })
  const interleaved: Records = {
    ...records,
    record: async (type, data) => {
      if (type === 'plan.recorded') await meanwhile(records, env)
      return records.record(type, data)
    },
  }
  const env = randomId()
  const c = { u: 'https://maximo.example/maximo', a: 'apikey' as const, k: new Secret('key') }
  const blob = await wrapCredential({ v: 1, sub: SESSION.sub, env, ver: 1, c }, workshop.mcp)
  if (!blob.ok) throw new Error('too long')
  const gid = randomId()
  const attested = await attestGrant(
    {
      ...{ clerkToken: 'x', transaction: randomId(), gid, env, blob: blob.value, cid: 'client' },
      ...{ clientName: 'A client', redirectHost: 'client.example', scp: 'maximo:read' },
      ...{ knd: 'at', prf: 'interactive', lifeS: 3_600 },
    },
    {
      ...{ store, clock, records: interleaved, keys: () => workshop.mcp, presets: readPresets({}) },
      clerk: { verify: async () => ok({ ...SESSION, iat: Math.floor(clock.nowMs() / 1000) }) },
    },
  )
  return { attested, grant: records.ledger.findGrant(gid), ledger: records.ledger }
}

test('a grant of an environment that stays is attested', async () => {
  const { attested, grant, ledger } = await attestWhile(async () => undefined)
  expect(attested.ok).toBe(true)
  expect(grant !== null && !ledger.isEnded(grant)).toBe(true)
})

test('no grant survives the removal of its environment, however close the two come', async () => {
  const { attested, grant } = await attestWhile((records, env) =>
    records.record('environment.removed', { sub: SESSION.sub, env, markMs: records.ledger.nextMark() }),
  )
  expect(attested).toMatchObject({ ok: false, error: { code: 'environment_removed' } })
  expect(grant).toBeNull()
})

test.each([
  ['user', { kind: 'user', sub: SESSION.sub }],
  ['client', { kind: 'client', cid: 'client' }],
] as const)('nor the end of everything of its %s', async (_whose, target) => {
  const { attested, grant } = await attestWhile((records) => {
    const markMs = records.ledger.nextMark()
    return records.record('revocation.made', { target, markMs, untilS: null, reason: 'test', by: 'test' })
  })
  expect(attested).toMatchObject({ ok: false, error: { code: 'ended_meanwhile' } })
  expect(grant).toBeNull()
})
