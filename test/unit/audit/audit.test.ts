import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { verifyAudit } from '../../../src/audit/verify.ts'
import { type ChainTip, nextLine } from '../../../src/kernel/chain-link.ts'
import { DiskUnavailable } from '../../../src/kernel/disk.ts'
import { aCall, type AuditKit, auditKit } from '../../support/audit.ts'
import { faultyDisk } from '../../support/store/disk.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog } from '../../support/log.ts'

let kit: AuditKit
beforeAll(async () => {
  kit = await auditKit()
})

let folder: string
beforeEach(async () => {
  folder = await scratchFolder()
})

type Row = Record<string, unknown>
const rowsOf = async (instance = 'mcp-1'): Promise<Row[]> => {
  const text = await readFile(join(folder, `${instance}.jsonl`), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
}

describe('writing', () => {
  test('a record is on disk when write resolves, with its number and hash', async () => {
    const audit = await kit.open('mcp', folder)
    await audit.write(aCall())
    const rows = await rowsOf()
    expect(rows.map(({ n, eventType }) => [n, eventType])).toEqual([
      [1, 'audit.opened'],
      [2, 'mcp.call'],
    ])
    expect(rows[0]).toMatchObject({ resource: 'mcp/mcp-1' })
    expect(rows[1]).toMatchObject({
      timestamp: '2026-11-22T00:00:00.000Z',
      principal: 'user_1',
      h: expect.stringMatching(/^[\w-]{43}$/),
    })
    await audit.close()
  })

  test('a disk that is full refuses the record, and the log goes on when it is not', async () => {
    const disk = faultyDisk()
    const audit = await kit.open('mcp', folder, { disk })
    disk.failWith('ENOSPC', 20)
    await expect(audit.write(aCall())).rejects.toBeInstanceOf(DiskUnavailable)
    disk.failWith(null)
    await audit.write(aCall({ operation: 'after' }))
    await audit.close()
    expect((await rowsOf()).map(({ operation }) => operation)).toEqual([
      'audit.opened',
      'after',
      'audit.head',
    ])
    expect(await verifyAudit([folder], kit.verify)).toMatchObject({ ok: true })
  })

  test('vouches for what is on the device by a head that is there as well, or not at all', async () => {
    const disk = faultyDisk()
    const audit = await kit.open('mcp', folder, { disk })
    await audit.write(aCall())
    disk.failNames('sync')
    await expect(audit.head()).rejects.toThrow('the test disk fails')
    disk.failNames(null)
    expect(await audit.head()).toBe((await readFile(join(folder, 'mcp-1.head'), 'utf8')).trim())
    await audit.close()
    expect(await verifyAudit([folder], kit.verify)).toMatchObject({ ok: true })
  })

  test('the head of another that a full disk did not take is taken when it comes again', async () => {
    const portal = await kit.open('portal', await scratchFolder())
    const head = await portal.head()
    await portal.close()
    const disk = faultyDisk()
    const audit = await kit.open('mcp', folder, { disk })
    disk.failWith('ENOSPC')
    await expect(audit.acceptHead(head)).rejects.toBeInstanceOf(DiskUnavailable)
    disk.failWith(null)
    expect(await audit.acceptHead(head)).toMatchObject({ ok: true })
    await audit.close()
    expect(await rowsOf()).toContainEqual(
      expect.objectContaining({ eventType: 'audit.head_accepted', resource: 'portal/portal-1', head }),
    )
  })

  test('goes on after a restart, and says so when it cut a half-written record', async () => {
    const first = await kit.open('mcp', folder)
    await first.write(aCall())
    await first.close()
    await (await kit.open('mcp', folder)).close()
    const path = join(folder, 'mcp-1.jsonl')
    await writeFile(path, `${await readFile(path, 'utf8')}{"n":6,"half`)
    const { log, events } = captureLog()
    await (await kit.open('mcp', folder, { log })).close()
    expect(events()).toContainEqual(expect.objectContaining({ event: 'audit.torn_tail_cut', bytes: 12 }))
    const rows = await rowsOf()
    expect(rows.map(({ eventType }) => eventType)).toEqual([
      'audit.opened',
      'mcp.call',
      'audit.head',
      'audit.opened',
      'audit.head',
      'audit.opened',
      'audit.head',
    ])
    expect(rows[5]).toMatchObject({ reason: 'torn_tail_cut' })
  })
})

describe('heads', () => {
  test('are signed after so many records, and at the end', async () => {
    const audit = await kit.open('mcp', folder, { headEveryRecords: 10 })
    for (let call = 0; call < 25; call += 1) await audit.write(aCall())
    await audit.close()
    const heads = (await rowsOf()).filter(({ eventType }) => eventType === 'audit.head')
    expect(heads.length).toBeGreaterThanOrEqual(3)
    expect(await readFile(join(folder, 'mcp-1.head'), 'utf8')).toBe(`${String(heads.at(-1)?.['head'])}\n`)
    expect((await stat(join(folder, 'mcp-1.head'))).mode & 0o777).toBe(0o600)
  })

  test('are signed by time when there is something new', async () => {
    const audit = await kit.open('mcp', folder, { headEveryMs: 10 })
    await expect
      .poll(async () => (await rowsOf()).filter(({ eventType }) => eventType === 'audit.head').length)
      .toBe(1)
    await audit.write(aCall())
    await expect
      .poll(async () => (await rowsOf()).filter(({ eventType }) => eventType === 'audit.head').length)
      .toBe(2)
    await audit.close()
  })

  test('one head serves until there is a new record', async () => {
    const audit = await kit.open('mcp', folder)
    const first = await audit.head()
    expect(await audit.head()).toBe(first)
    await audit.write(aCall())
    const [second, same] = await Promise.all([audit.head(), audit.head()])
    expect(second).not.toBe(first)
    expect(same).toBe(second)
    expect(second.length).toBeLessThanOrEqual(2_048)
    await audit.close()
  })

  test('a signer that fails costs no record', async () => {
    const { log, events } = captureLog()
    const broken = {
      sign: () => Promise.reject(new Error('no key')),
      verify: kit.verify,
      valueKey: Buffer.alloc(32),
    }
    const audit = await kit.open('mcp', folder, { log, headEveryRecords: 1, keys: broken })
    await audit.write(aCall())
    await audit.close()
    expect(events()).toContainEqual(expect.objectContaining({ event: 'audit.head_failed' }))
    expect(await verifyAudit([folder], kit.verify)).toMatchObject({
      ok: true,
      logs: [{ records: 2, vouchedTo: 0 }],
    })
  })
})

describe('the exchange of heads', () => {
  test('keeps the other service’s head as a record; the same one again adds nothing', async () => {
    const portal = await kit.open('portal', folder)
    const mcp = await kit.open('mcp', folder)
    const head = await portal.head()
    expect(await mcp.acceptHead(head)).toMatchObject({ ok: true })
    expect(await mcp.acceptHead(head)).toMatchObject({ ok: true })
    expect(await rowsOf()).toContainEqual(
      expect.objectContaining({ eventType: 'audit.head_accepted', resource: 'portal/portal-1', head }),
    )
    expect(await rowsOf()).toHaveLength(2)
    await Promise.all([portal.close(), mcp.close()])
  })

  test('comes to rest when nothing else happens', async () => {
    const portal = await kit.open('portal', folder)
    const mcp = await kit.open('mcp', folder)
    const exchange = async (): Promise<number> => {
      await mcp.acceptHead(await portal.head())
      await portal.acceptHead(await mcp.head())
      return (await rowsOf('mcp-1')).length + (await rowsOf('portal-1')).length
    }
    const settled = await exchange()
    expect(await exchange()).toBe(settled)
    await Promise.all([portal.close(), mcp.close()])
  })

  test('a shorter chain than was accepted is refused and recorded, also after a restart', async () => {
    const portal = await kit.open('portal', folder)
    const early = await portal.head()
    await portal.write(aCall())
    const late = await portal.head()
    await portal.close()

    const mcp = await kit.open('mcp', folder)
    expect(await mcp.acceptHead(late)).toMatchObject({ ok: true })
    await mcp.close()
    const { log, events } = captureLog()
    const again = await kit.open('mcp', folder, { log })
    expect(await again.acceptHead(early)).toEqual({ ok: false, error: 'went_back' })
    expect(events()).toContainEqual(
      expect.objectContaining({ event: 'audit.head_refused', reason: 'went_back' }),
    )
    expect((await rowsOf()).at(-1)).toMatchObject({
      eventType: 'audit.head_refused',
      reason: 'went_back',
      head: early,
    })
    await again.close()
    expect(await verifyAudit([folder], kit.verify)).toMatchObject({ ok: true })
  })

  test('another chain of the same length is refused and recorded', async () => {
    const other = await scratchFolder()
    const portal = await kit.open('portal', folder)
    const forged = await kit.open('portal', other)
    await forged.write(aCall({ principal: 'user_2' }))
    const shorter = await forged.head()
    // Heads are records too: each chain has its opening, a call, a head and a call.
    await portal.write(aCall())
    await portal.head()
    await portal.write(aCall())
    await forged.write(aCall())
    const [real, fork] = [await portal.head(), await forged.head()]
    await Promise.all([portal.close(), forged.close()])
    const mcp = await kit.open('mcp', folder)
    await mcp.acceptHead(real)
    expect(await mcp.acceptHead(shorter)).toEqual({ ok: false, error: 'went_back' })
    expect(await mcp.acceptHead(fork)).toEqual({ ok: false, error: 'forked' })
    expect((await rowsOf()).at(-1)).toMatchObject({ eventType: 'audit.head_refused', reason: 'forked' })
    await mcp.close()
    // The refused heads are evidence against their sender, not vouchers.
    expect(await verifyAudit([folder], kit.verify)).toMatchObject({ ok: true })
  })

  test('one service cannot sign for a log of the other', async () => {
    const impostor = await kit.open('mcp', await scratchFolder(), { service: 'portal', instance: 'portal-1' })
    const portal = await kit.open('portal', folder)
    const mcp = await kit.open('mcp', folder)
    expect(await mcp.acceptHead(await impostor.head())).toEqual({ ok: false, error: 'bad_signature' })
    expect(await mcp.acceptHead(await portal.head())).toMatchObject({ ok: true })
    await Promise.all([impostor.close(), portal.close(), mcp.close()])
  })

  test('a head that is unsigned, signed by a stranger or our own is refused without a record', async () => {
    const portal = await kit.open('portal', folder)
    const mcp = await kit.open('mcp', folder)
    const head = await portal.head()
    const bent = `${head.slice(0, -4)}${head.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`
    for (const text of ['', 'nonsense', bent]) {
      expect(await mcp.acceptHead(text)).toEqual({ ok: false, error: 'bad_signature' })
    }
    expect(await mcp.acceptHead(await mcp.head())).toEqual({ ok: false, error: 'own_head' })
    expect((await rowsOf()).map(({ eventType }) => eventType)).toEqual(['audit.opened', 'audit.head'])
    await Promise.all([portal.close(), mcp.close()])
  })
})

describe('opening again', () => {
  async function closedLog(): Promise<string[]> {
    const audit = await kit.open('mcp', folder)
    for (let call = 0; call < 5; call += 1) await audit.write(aCall())
    await audit.close()
    return (await readFile(join(folder, 'mcp-1.jsonl'), 'utf8')).trimEnd().split('\n')
  }
  const rewrite = (lines: string[]): Promise<void> =>
    writeFile(join(folder, 'mcp-1.jsonl'), lines.map((line) => `${line}\n`).join(''))

  test('refuses a log whose tail was cut, by its own signed head', async () => {
    const lines = await closedLog()
    await rewrite(lines.slice(0, 4))
    await expect(kit.open('mcp', folder)).rejects.toMatchObject({ name: 'BrokenChain', line: 5 })
    await rewrite(lines)
    await (await kit.open('mcp', folder)).close()
  })

  test('refuses a log that was rewritten with all links made right again, by its own signed head', async () => {
    const lines = await closedLog()
    let tip: ChainTip = { n: 0, hash: 'audit' }
    const forged = lines.map((line) => {
      const members = line.replace(/^\{"n":\d+,/, '{').replace(/,"h":"[^"]{43}"\}$/, '}')
      const next = nextLine(tip, members.replace('user_1', 'user_2'))
      tip = next
      return next.text
    })
    await rewrite(forged)
    await expect(kit.open('mcp', folder)).rejects.toMatchObject({ name: 'BrokenChain', line: 6 })
  })

  test('refuses a log that was removed while its head stayed', async () => {
    await closedLog()
    await rm(join(folder, 'mcp-1.jsonl'))
    await expect(kit.open('mcp', folder)).rejects.toMatchObject({ name: 'BrokenChain', line: 1 })
  })

  test('refuses an edited log, and the log of another', async () => {
    const lines = await closedLog()
    await rewrite(lines.with(2, (lines[2] ?? '').replace('user_1', 'user_2')))
    await expect(kit.open('mcp', folder)).rejects.toMatchObject({ name: 'BrokenChain', line: 3 })
    await rm(join(folder, 'mcp-1.head'))
    await rewrite(lines)
    await expect(kit.open('portal', folder, { instance: 'mcp-1' })).rejects.toMatchObject({
      name: 'BrokenChain',
      line: 1,
    })
  })
})
