import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { createOracle, type Oracle } from '../../../src/dev/simulator/oracle.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { VERSIONS } from '../../../src/dev/simulator/versions.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { openMaximo } from '../../../src/maximo/client.ts'
import type { CredentialMethod } from '../../../src/maximo/credentials/credential.ts'
import { openEgress, type Egress } from '../../../src/maximo/egress/egress.ts'
import { maximoOf } from '../../support/maximo/simulated-client.ts'
import { aCall, faultOf } from './support/scripted-maximo.ts'
import { done, WO, writeCall } from './support/written-plant.ts'
import type { RecordDone } from '../../../src/maximo/write/contract.ts'

const PLANNER = 'planner@example.com'

/** The client as a whole at each profile; what a version does not have ends in a clear error. */
describe.each(VERSIONS)('at version %s', (version) => {
  let simulator: Simulator
  let egress: Egress
  let oracle: Oracle
  beforeAll(async () => {
    simulator = await startSimulator({ port: 0, clock: systemClock, version })
    egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
    oracle = createOracle(simulator.plant)
  })
  afterAll(async () => {
    await egress.close()
    await simulator.close()
  })
  const planner = (): ReturnType<typeof openMaximo> => maximoOf(simulator, egress, PLANNER)

  test('it knows the version, the user and his rights', async () => {
    const { client } = planner()
    expect((await client.version(aCall())).release).toMatch(new RegExp(`^${version.replaceAll('.', '\\.')}`))
    expect(await client.whoAmI(aCall())).toMatchObject({ userName: 'WILSON', defaultSite: 'BEDFORD' })
    expect(await client.rights([WO, 'MASPERUSER'], aCall())).toMatchObject([
      { objectStructure: WO, read: 'granted' },
      { objectStructure: 'MASPERUSER', read: version === '9.1' ? 'granted' : 'absent' },
    ])
  })

  test('it reads, counts and groups exactly what is there', async () => {
    const { client } = planner()
    const all = [
      { field: 'status', op: 'in', value: ['WAPPR', 'APPR'] },
      { field: 'reportdate', op: 'ge', value: '2020-01-01T00:00:00Z' },
      { field: 'istask', op: 'eq', value: false },
    ] as const
    const isWanted = oracle.workOrders((row) => row['status'] === 'WAPPR' || row['status'] === 'APPR')
    const select = { fields: ['wonum', 'siteid', 'location.description'] }
    const page = await client.query({ objectStructure: WO, all, select, pageSize: 500, count: true }, aCall())
    if (!page.ok) throw new Error(JSON.stringify(page.error))
    expect(isWanted.length).toBeGreaterThan(5)
    expect(page.value.total).toBe(isWanted.length)
    expect(page.value.records.map(({ values }) => values['wonum']).sort()).toEqual(
      isWanted.map((row) => row['wonum']).sort(),
    )
    const metrics = [{ kind: 'count' }] as const
    const groups = await client.aggregate(
      { objectStructure: WO, groupBy: ['status'], metrics, limit: 50 },
      aCall(),
    )
    if (!groups.ok) throw new Error(JSON.stringify(groups.error))
    const counted = groups.value.groups.map(({ by, metrics: { count } }) => [by['status'], count] as const)
    expect(new Map<unknown, unknown>(counted)).toEqual(oracle.groups('WORKORDER', 'status'))
  })

  test('it creates, changes and moves a record, and a stale change is a conflict', async () => {
    const { writer } = planner()
    const values = { siteid: 'BEDFORD', description: `Leak at ${version}`, location: 'BR230' }
    const made = done<RecordDone>(await writer.create({ objectStructure: WO, values }, writeCall()))
    const [id, rowstamp] = [made.id ?? '', made.record?.rowstamp ?? '']
    const change = { objectStructure: WO, id, rowstamp, values: { description: 'Bigger leak' } }
    const changed = done<RecordDone>(await writer.update(change, writeCall()))
    expect(changed.record?.values['description']).toBe('Bigger leak')
    expect(await writer.update(change, writeCall())).toMatchObject({ kind: 'conflict', code: 'BMXAA8229W' })
    const moved = await writer.changeStatus(
      { objectStructure: WO, id, rowstamp: changed.record?.rowstamp ?? '', status: 'APPR' },
      writeCall(),
    )
    expect(done<RecordDone>(moved).record?.values['status']).toBe('APPR')
  })

  test('it answers the inbox, and what it attached comes back', async () => {
    const { client, writer } = planner()
    const inbox = await client.inbox({ pageSize: 10 }, aCall())
    const [first] = inbox.ok ? inbox.value.records : []
    expect(inbox).toMatchObject({ ok: true, value: { total: 5 } })
    const answered = await writer.answerAssignment(
      { id: first?.id ?? '', accepted: true, memo: 'ok' },
      writeCall(),
    )
    expect(answered.kind).toBe('done')
    const ref = { objectStructure: WO, id: 'BEDFORD/1022' }
    const owner = await client.findRecord(ref, { fields: ['wonum'] }, aCall())
    const id = (owner.ok ? owner.value?.record.id : null) ?? ''
    const bytes = Buffer.from(`of ${version}`)
    const file = {
      name: 'a.txt',
      mediaType: 'text/plain',
      bytes: Readable.from([bytes]),
      sizeBytes: bytes.length,
    }
    const { attachmentId } = done(await writer.attach({ objectStructure: WO, id, file }, writeCall()))
    const found = await client.attachmentFile(ref, attachmentId ?? '', aCall())
    const parts: Uint8Array[] = []
    for await (const part of (found.ok ? found.value?.bytes : null) ?? []) parts.push(part)
    expect(Buffer.concat(parts).toString()).toBe(`of ${version}`)
  })

  test('an object structure, a login and a length that it does not have are refused by name', async () => {
    const { client, writer } = planner()
    const asked = client.schema('masperuser', aCall())
    if (version === '9.1') expect((await asked).resource).toBe('MASPERUSER')
    else expect(await faultOf(asked)).toMatchObject({ kind: 'not_found', objectStructure: 'MASPERUSER' })

    const as = (method: CredentialMethod, credential: string) =>
      openMaximo({
        environment: { baseUrl: simulator.baseUrl, method, credential: new Secret(credential) },
        egress,
        clock: systemClock,
      }).client.whoAmI(aCall())
    const withKey = as('maxauth', `apikey:${simulator.accounts.of(PLANNER).apiKey}`)
    if (version === '9.1') expect(await withKey).toMatchObject({ userName: 'WILSON' })
    else expect(await faultOf(withKey)).toMatchObject({ kind: 'credentials_rejected' })

    const values = { location: 'L'.repeat(13), siteid: 'BEDFORD', description: 'x' }
    const place = await writer.create({ objectStructure: 'MXAPIOPERLOC', values }, writeCall())
    if (version === '7.6.1')
      expect(place).toMatchObject({ kind: 'invalid', problems: [{ path: 'location', reason: 'too_long' }] })
    else expect(place.kind).toBe('done')
  })
})
