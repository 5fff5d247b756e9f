import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { detectionsFound } from '../../src/crypto/detection.ts'
import { grantAttest, grantStatus, journalCopy, journalFetch } from '../../src/crypto/internal-api.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { openJournal } from '../../src/kernel/journal.ts'
import { randomId } from '../../src/kernel/random.ts'
import { type McpPair, PATIENCE, startPair, type Twin } from '../support/mcp/mcp-pair.ts'
import { ALICE, type Answer, BOB, type Person } from '../support/mcp/mcp-world.ts'
import { redisMissing, startRedis, type RedisServer } from '../support/store/redis.ts'
import { REDIS_USERS } from '../support/stack.ts'

const ACL = [{ name: 'admin', password: 'admin-password', rules: '~* +@all' }, ...REDIS_USERS]
const BOTH = { have: 2, of: 2 }
const ALONE = { have: 1, of: 2 }

describe.skipIf(redisMissing !== null)('two MCP servers, one Redis', { timeout: 90_000 }, () => {
  let redis: RedisServer
  let pair: McpPair
  const files = { PLANS_FILE: '', LIMITS_FILE: '' }
  let [first, second]: Twin[] = []

  beforeAll(async () => {
    redis = await startRedis({ acl: ACL })
    for (const name of ['PLANS_FILE', 'LIMITS_FILE'] as const)
      files[name] = join(tmpdir(), `${name}-${randomId()}`)
    await writeFile(files.PLANS_FILE, JSON.stringify({ default: 'pro', plans: { pro: { perDay: 10_000 } } }))
    await writeFile(files.LIMITS_FILE, '{}')
    pair = await startPair({ REDIS_URL: redis.urlOf('mcp'), ...files })
    first = pair.first
    second = pair.second
  }, 60_000)
  afterAll(async () => {
    await pair.close()
    await redis.end()
    for (const path of Object.values(files)) await rm(path)
  })

  async function attestAt(twin: Twin, person: Person): Promise<{ gid: string; token: string }> {
    const ask = await pair.world.grantAsk(person)
    const answer = await twin.call(grantAttest.path, ask)
    if (answer.status !== 200) throw new Error(answer.text)
    const gid = String(ask['gid'])
    const made = {
      gid,
      env: String(ask['env']),
      jti: undefined,
      ...(answer.json as { receipt: string; at: number }),
    }
    return { gid, token: await pair.world.token(made) }
  }
  const statusesOf = async (token: string): Promise<number[]> => [
    await first!.decides(token),
    await second!.decides(token),
  ]
  const bytes = (twin: Twin, writer: string): Promise<string> => readFile(twin.journal(writer), 'utf8')
  const stateAt = async (twin: Twin, gid: string): Promise<unknown> =>
    (await twin.call(grantStatus.path, { gid })).json['state']

  test('what one attests the other knows at once, and each keeps the other’s journal byte for byte', async () => {
    const { gid, token } = await attestAt(first!, ALICE)
    expect(await stateAt(second!, gid)).toBe('live')
    expect(await statusesOf(token)).toEqual([200, 200])
    await attestAt(second!, BOB)
    for (const writer of ['mcp-1', 'mcp-2'])
      await expect
        .poll(async () => (await bytes(first!, writer)) === (await bytes(second!, writer)), PATIENCE)
        .toBe(true)
    expect((await bytes(first!, 'mcp-2')).split('\n').length).toBeGreaterThan(2)
  })

  test('limits and quotas are exact across both, each for its user alone, under changed files', async () => {
    const profile = { interactive: { algorithm: 'sliding_window', calls: 40, seconds: 3_600 } }
    const concurrent = { interactive: 1_000 }
    const tool = { read: { algorithm: 'fixed_window', calls: 1_000, seconds: 86_400 } }
    const before = { plans: await readFile(files.PLANS_FILE), limits: await readFile(files.LIMITS_FILE) }
    const set = async (limits: object, plans: object): Promise<void> => {
      await writeFile(files.LIMITS_FILE, JSON.stringify(limits))
      await writeFile(files.PLANS_FILE, JSON.stringify({ default: 'pro', plans: { pro: plans } }))
      for (const twin of [first!, second!]) await twin.running?.reloadPolicy()
    }
    /** Four at a time, two at each. A store too slow to say so may have counted a call that was answered 503. */
    const expectPassed = async (atMost: number, count: number, call: (twin: Twin) => Promise<Answer>) => {
      const statuses: number[] = []
      for (let n = 0; n < count; n += 4) {
        const some = await Promise.all([first!, second!, first!, second!].map(call))
        statuses.push(...some.map(({ status }) => status))
        for (const { status, text } of some) if (status === 200) expect(text).toContain('"result":')
      }
      const times = (wanted: number): number => statuses.filter((status) => status === wanted).length
      expect(times(200) + times(429) + times(503)).toBe(statuses.length)
      expect(times(200)).toBeLessThanOrEqual(atMost)
      expect(times(503)).toBeLessThan(atMost / 2)
      expect(times(200) + times(503)).toBeGreaterThanOrEqual(atMost)
    }
    const aToken = async (name: string): Promise<string> =>
      (await attestAt(first!, { sub: `user_${name}_${randomId()}`, sid: 'sess_1' })).token
    const inner = { tool: 'explain_error', arguments: { code: 'BMXAA9301E' } }
    const tell = { name: 'call_read_tool', arguments: inner }

    await set({ profile, tool, concurrent }, { perDay: null })
    const [one, other] = [await aToken('one'), await aToken('other')]
    await expectPassed(40, 60, (twin) => twin.rpc(one, 'tools/list'))
    await expectPassed(12, 12, (twin) => twin.rpc(other, 'tools/list'))

    const many = { interactive: { ...profile.interactive, calls: 1_000 } }
    for (const plan of [{ perDay: 25 }, { perDay: null, perMonth: 25 }]) {
      await set({ profile: many, tool, concurrent }, plan)
      const token = await aToken('quota')
      await expectPassed(25, 40, (twin) => twin.rpc(token, 'tools/call', tell))
    }
    await writeFile(files.PLANS_FILE, before.plans)
    await writeFile(files.LIMITS_FILE, before.limits)
    for (const twin of [first!, second!]) await twin.running?.reloadPolicy()
  })

  test('a revocation is enforced on both; with one away it is recorded, and says on how many', async () => {
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => attestAt(first!, ALICE)))
    expect(await first!.revoke({ kind: 'grant', gid: one!.gid })).toEqual({
      state: 'enforced',
      servers: BOTH,
    })
    expect(await statusesOf(one!.token)).toEqual([401, 401])
    await second!.stop()
    expect(await first!.revoke({ kind: 'grant', gid: two!.gid })).toEqual({
      state: 'recorded',
      servers: ALONE,
    })
    expect(await first!.decides(two!.token)).toBe(401)
    await second!.start()
    await second!.ready()
    // What was missed is caught up with first.
    await vi.waitFor(async () => expect(await stateAt(second!, two!.gid)).toBe('ended'), PATIENCE)
    expect(await statusesOf(two!.token)).toEqual([401, 401])
    await expect
      .poll(() => second!.revoke({ kind: 'grant', gid: three!.gid }), PATIENCE)
      .toEqual({ state: 'enforced', servers: BOTH })
    expect(await statusesOf(three!.token)).toEqual([401, 401])
  })

  test('an emptied store is filled from the copy of a server that is gone: revoked stays refused, good is let in', async () => {
    const [good, ended] = [await attestAt(first!, ALICE), await attestAt(first!, BOB)]
    expect(await first!.revoke({ kind: 'grant', gid: ended.gid })).toMatchObject({ state: 'enforced' })
    await first!.stop()
    await redis.cli('FLUSHALL')
    const seen: number[] = []
    const look = async (): Promise<number> => {
      seen.push(await second!.status(ended.token))
      return second!.status(good.token)
    }
    await expect.poll(look, PATIENCE).toBe(200)
    expect(seen.every((status) => status === 503 || status === 401)).toBe(true)
    expect(await second!.decides(ended.token)).toBe(401)
    expect(await redis.cli('GET', '{mx}:mark:mcp-1')).toBe(
      String((await bytes(second!, 'mcp-1')).split('\n').length - 1),
    )
    await first!.start()
    await first!.ready()
    expect(await statusesOf(good.token)).toEqual([200, 200])
  })

  test('a server that lost its journal fetches it from the other before it writes', async () => {
    const { gid, token } = await attestAt(first!, ALICE)
    const before = await bytes(first!, 'mcp-1')
    await first!.stop()
    await rm(dirname(first!.journal('mcp-1')), { recursive: true })
    await first!.start()
    await first!.ready()
    expect((await bytes(first!, 'mcp-1')).startsWith(before)).toBe(true)
    expect(await stateAt(first!, gid)).toBe('live')
    expect(first!.log.text()).toContain('"event":"journal.restored"')
    expect(await statusesOf(token)).toEqual([200, 200])
    await vi.waitFor(
      async () => expect(await bytes(first!, 'mcp-2')).toBe(await bytes(second!, 'mcp-2')),
      PATIENCE,
    )
  })

  test('without a copy that answers, an empty journal is not begun anew', async () => {
    await second!.stop()
    await first!.stop()
    const kept = `${first!.journal('mcp-1')}.kept`
    await copyFile(first!.journal('mcp-1'), kept)
    await rm(first!.journal('mcp-1'))
    await expect(first!.start()).rejects.toThrow(/journal of mcp-1 is empty, but the store knows \d+ records/)
    await copyFile(kept, first!.journal('mcp-1'))
    await rm(kept)
    await Promise.all([first!.start(), second!.start()])
    await Promise.all([first!.ready(), second!.ready()])
  })

  test('a pattern spread over both, below its threshold at each, is one event and one notice', async () => {
    const commit = { name: 'commit_change', arguments: { change_id: randomId() } }
    const told: { readonly gid: string; readonly token: string; readonly person: Person }[] = []
    for (const order of [
      [first!, second!],
      [second!, first!],
    ]) {
      const person = { sub: `user_${randomId()}`, sid: 'sess_1' }
      const fresh = { person, ...(await attestAt(first!, person)) }
      // What was told before goes on at both, too.
      for (const { token } of [...told, fresh, fresh, fresh])
        for (const twin of order) expect(await twin.decides(token, 'tools/call', commit)).toBe(403)
      told.push(fresh)
      // Whoever stops judges first what it heard, unless its timer was quicker.
      for (const twin of order) await twin.stop()
      await Promise.all(order.map((twin) => twin.start()))
      await Promise.all(order.map((twin) => twin.ready()))
      for (const { gid, person: owner } of told) {
        const events = await Promise.all(order.map((twin) => twin.raised(`grant:${gid}`)))
        const [event, ...more] = events.flat()
        expect([event?.limit, more]).toEqual([4, []])
        for (const twin of order) {
          // Whoever stopped last could not send it to the other.
          const ask = async () =>
            (await twin.call(detectionsFound.path, { sub: owner.sub })).json['detections']
          await expect.poll(ask, PATIENCE).not.toEqual([])
          expect(await ask()).toMatchObject([
            { id: event?.id, rule: 'scope_escalation', subject: { id: gid } },
          ])
        }
      }
    }
  })

  test('a plan staged at one is committed at either, once in all; both know what became of it', async () => {
    const scope = 'maximo:read maximo:write'
    const ask = await pair.world.grantAsk(ALICE, { scp: scope })
    const attested = (await first!.call(grantAttest.path, ask)).json as { receipt: string; at: number }
    const grant = { gid: String(ask['gid']), env: String(ask['env']), jti: undefined, ...attested }
    // A new one each time: a token may call a writing tool five times in a row, at all servers together.
    const aToken = () => pair.world.token(grant, { scope })
    const tool = async (twin: Twin, name: string, args: object): Promise<Record<string, unknown>> => {
      const answer = await twin.rpc(await aToken(), 'tools/call', { name, arguments: args })
      const result = answer.json['result'] as { content: { text: string }[] } | undefined
      const text = result?.content[0]?.text ?? answer.text
      return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text }
    }
    const notes = (summary: string): number =>
      pair.world.simulator.plant.find('WORKLOG', 'description', summary).length
    const staged = async (summary: string): Promise<string> => {
      const log = { record: '1001', kind: 'work_order', summary, reason: 'a test' }
      return String(
        (await tool(first!, 'call_write_tool', { tool: 'add_work_log', arguments: log }))['change_id'],
      )
    }
    const one = await staged('at the other')
    expect(await tool(second!, 'commit_change', { change_id: one })).toMatchObject({ state: 'written' })
    expect(await tool(first!, 'commit_change', { change_id: one })).toMatchObject({ state: 'written' })
    expect(notes('at the other')).toBe(1)

    const two = await staged('at both at once')
    const said = await Promise.all(
      [first!, second!, first!, second!].map((twin) => tool(twin, 'commit_change', { change_id: two })),
    )
    expect(said.map(({ state }) => state)).toContain('written')
    expect(notes('at both at once')).toBe(1)
    // A store that was rolled back to before the commit has the plan and no claim: the ledgers know better.
    const three = await staged('after a rollback')
    await redis.cli('SAVE')
    expect(await tool(first!, 'commit_change', { change_id: three })).toMatchObject({ state: 'written' })
    await first!.stop()
    await redis.stop()
    await redis.start()
    await expect.poll(async () => second!.status(await aToken()), PATIENCE).toBe(200)
    expect(await tool(second!, 'commit_change', { change_id: three })).toMatchObject({ state: 'written' })
    expect(notes('after a rollback')).toBe(1)
    const look = { tool: 'get_change', arguments: { change_id: three } }
    expect(await tool(second!, 'call_read_tool', look)).toMatchObject({ state: 'written' })
    await first!.start()
    await first!.ready()
  })

  describe('what is sent to it', () => {
    const peer = () => ({ signer: pair.world.mcpKeys.peer.active!, issuer: 'mcp-1' })
    const genesis = { n: 0, hash: 'mcp-1' }

    test('counts with the peer key alone, and for the sender’s own journal alone', async () => {
      for (const { path, ask } of [
        { path: journalCopy.path, ask: { writer: 'mcp-1', after: genesis, lines: [] } },
        { path: journalFetch.path, ask: { writer: 'mcp-1', after: genesis } },
      ]) {
        for (const signer of [pair.world.portalKeys.internalSigning.active, pair.world.operatorKey])
          expect(await second!.call(path, ask, { signer, issuer: 'mcp-1' })).toMatchObject({ status: 401 })
        expect(await second!.call(path, { ...ask, writer: 'mcp-9' }, peer())).toMatchObject({
          status: 422,
          json: { error: 'not_its_writer' },
        })
        const stranger = { signer: peer().signer, issuer: 'mcp-9' }
        expect((await second!.call(path, { ...ask, writer: 'mcp-9' }, stranger)).json).toEqual({
          error: 'writer_unknown',
        })
        expect((await second!.call(path, ask, peer())).status).toBe(200)
      }
      // Whoever has a journal given stands in the log; copies come and go all the time.
      const audited = await readFile(`${second!.dataDir}/mcp/audit/mcp-2.jsonl`, 'utf8')
      const given = audited.split('\n').filter((line) => line.includes('"responseCode":200'))
      expect(given.some((line) => line.includes(`"operation":"${journalFetch.path}"`))).toBe(true)
      expect(given.some((line) => line.includes(`"operation":"${journalCopy.path}"`))).toBe(false)
    })

    test('is kept only where it follows, from the hand of its writer, as far as it can be read', async () => {
      const before = await bytes(second!, 'mcp-1')
      const n = before.split('\n').length - 1
      const tip = { n, hash: before.slice(-46, -3) }
      const send = async (after: object, lines: string[]) =>
        (await second!.call(journalCopy.path, { writer: 'mcp-1', after, lines }, peer())).json['state']
      const scratch = `${second!.dataDir}/scratch`
      await mkdir(scratch)
      const other = await openJournal({ folder: scratch, writer: 'mcp-1', clock: systemClock })
      await other.append('revocation.unheard', {})
      const [line] = (await readFile(`${scratch}/mcp-1.jsonl`, 'utf8')).split('\n')
      expect(await send(tip, [line!])).toBe('unreadable')
      expect(await send({ n: n + 5, hash: 'x' }, [line!])).toBe('elsewhere')
      expect(await send({ n: 1, hash: other.tip.hash }, [])).toBe('forked')
      expect(await send({ ...tip, hash: randomId() }, [line!])).toBe('forked')
      await other.close()
      expect(await bytes(second!, 'mcp-1')).toBe(before)
      expect((await second!.readiness()).json).toEqual({
        ...{ status: 'ready', reasons: [] },
        // The Redis of the test keeps nothing on disk.
        notes: [
          expect.stringContaining('append-only'),
          'refused: mcp-1 sends another history than this copy',
        ],
      })
      // What the writer itself says next is kept, and then there is nothing left to say.
      await attestAt(first!, ALICE)
      const notes = async (): Promise<unknown> => (await second!.readiness()).json['notes']
      await expect.poll(notes, PATIENCE).toEqual([expect.stringContaining('append-only')])
    })
  })

  test('what a server ended stays ended when that server was taken out, and its list is forgotten', async () => {
    const [good, ended] = [await attestAt(second!, ALICE), await attestAt(second!, BOB)]
    expect(await second!.revoke({ kind: 'grant', gid: ended.gid })).toMatchObject({ state: 'enforced' })
    await Promise.all([first!.stop(), second!.stop()])
    await redis.cli('FLUSHALL')
    await first!.start({ MCP_INTERNAL_URLS: `mcp-1=${first!.internalUrl}` })
    await first!.ready()
    expect([await first!.decides(ended.token), await first!.decides(good.token)]).toEqual([401, 200])
    expect([await stateAt(first!, ended.gid), await stateAt(first!, good.gid)]).toEqual(['ended', 'live'])
    await first!.stop()
    await Promise.all([first!.start(), second!.start()])
    await Promise.all([first!.ready(), second!.ready()])
  })

  test('a journal with another history is not followed, and its server decides nothing', async () => {
    const { token } = await attestAt(second!, ALICE)
    await Promise.all([first!.stop(), second!.stop()])
    const kept = `${first!.journal('mcp-1')}.kept`
    await copyFile(first!.journal('mcp-1'), kept)
    await rm(first!.journal('mcp-1'))
    await redis.cli('FLUSHALL')
    await first!.start()
    await second!.start()
    const disowned = [
      'mcp-2 keeps another history of this journal',
      'mcp-2 keeps records of this journal that were lost',
    ]
    const reasons = async (): Promise<string> => String((await first!.readiness()).json['reasons'])
    await expect.poll(reasons, PATIENCE).toMatch(new RegExp(disowned.join('|')))
    expect((await first!.readiness()).status).toBe(503)
    expect(await first!.status(token)).toBe(503)
    await first!.stop()
    await expect(first!.start()).rejects.toThrow('mcp-2 keeps another history of this journal')
    // The way out that the message names: the journal as it was.
    await rm(first!.journal('mcp-1'))
    await redis.cli('FLUSHALL')
    await first!.start()
    await Promise.all([first!.ready(), second!.ready()])
    expect((await bytes(first!, 'mcp-1')).startsWith(await readFile(kept, 'utf8'))).toBe(true)
    expect(await statusesOf(token)).toEqual([200, 200])
    await rm(kept)
  })
})
