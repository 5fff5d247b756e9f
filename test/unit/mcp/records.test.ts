import { describe, expect, test } from 'vitest'
import { randomId } from '../../../src/kernel/random.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import {
  readRecord,
  type McpRecord,
  type RecordData,
  type RecordType,
} from '../../../src/mcp/records/entries.ts'
import { Ledger } from '../../../src/mcp/records/ledger.ts'
import { writesOf } from '../../../src/mcp/records/projection.ts'
import { manualClock, type ManualClock } from '../../support/clock.ts'

const DAY_MS = 86_400_000

class Book {
  readonly clock: ManualClock = manualClock()
  readonly ledger = new Ledger(this.clock)
  readonly store = new MemoryStore(this.clock)
  #seq = 0

  /** Writes a record as the recorder does: read back, folded, projected. */
  async write<T extends RecordType>(type: T, data: RecordData<T>): Promise<void> {
    const record = readRecord(type, JSON.parse(JSON.stringify(data)), this.clock.nowMs())
    this.ledger.apply(record)
    await this.store.project('mcp-1', (this.#seq += 1), writesOf(record, this.clock))
  }

  grant(bend: Partial<RecordData<'grant.attested'>> = {}): RecordData<'grant.attested'> {
    return {
      gid: randomId(),
      sub: 'user_1',
      sid: 'sess_1',
      env: ENV,
      cid: 'client',
      scp: 'maximo:read',
      knd: 'at',
      prf: 'interactive',
      clientName: 'A client',
      redirectHost: 'client.example',
      at: this.clock.nowMs(),
      maxS: Math.floor(this.clock.nowMs() / 1000) + 3_600,
      ver: 1,
      kid: 'mg-AAAAAAAA',
      ...bend,
    }
  }

  async revoke(target: RecordData<'revocation.made'>['target'], untilS: number | null = null): Promise<void> {
    const markMs = this.ledger.nextMark()
    await this.write('revocation.made', { target, markMs, untilS, reason: 'test', by: 'test' })
  }
}
const ENV = randomId()

describe('reading a journal', () => {
  test('a record that this version does not know stops it; so does a malformed one', () => {
    expect(() => readRecord('grant.imagined', {}, 1)).toThrow('unknown record type')
    expect(() => readRecord('toString', {}, 1)).toThrow('unknown record type')
    expect(() => readRecord('plan.recorded', { sub: 'u' }, 1)).toThrow('malformed')
    expect(() => readRecord('plan.recorded', { sub: 'u', pla: '', fea: '', iatS: 1, x: 1 }, 1)).toThrow(
      'malformed',
    )
  })

  test('the format is final: these lines of the first version are read for ever', () => {
    const id = 'AAAAAAAAAAAAAAAAAAAAAA'
    const lines: [McpRecord['type'], unknown][] = [
      ['grant.attested', { ...new Book().grant(), gid: id }],
      ['allow.added', { jti: id, gid: id, maxS: null, kids: ['mt-AAAAAAAA', 'ps-AAAAAAAA'] }],
      [
        'revocation.made',
        { target: { kind: 'user', sub: 'u' }, markMs: 1, untilS: null, reason: '', by: 'p' },
      ],
      ['plan.recorded', { sub: 'u', pla: 'pro', fea: 'a,b', iatS: 1 }],
      [
        'credential.saved',
        { sub: 'u', env: id, ver: 1, blob: 'b', origin: 'https://m.example', label: 'L', previous: null },
      ],
      ['credential.confirmed', { sub: 'u', env: id, ver: 2 }],
      ['credential.reverted', { sub: 'u', env: id, ver: 3, blob: 'b' }],
      ['environment.removed', { sub: 'u', env: id, markMs: 1 }],
    ]
    for (const [type, data] of lines) expect(readRecord(type, data, 5)).toEqual({ type, data, writtenMs: 5 })
  })
})

describe('grants', () => {
  test('run out by themselves, and leave the owner’s list', async () => {
    const book = new Book()
    const grant = book.grant()
    await book.write('grant.attested', grant)
    expect(book.ledger.grantsOf('user_1')).toEqual([grant])
    expect(book.ledger.isEnded(grant)).toBe(false)
    book.clock.advance(3_600_000)
    expect(book.ledger.isEnded(grant)).toBe(true)
    expect(book.ledger.grantsOf('user_1')).toEqual([])
    expect(book.ledger.findGrant(grant.gid)).toEqual(grant)
  })

  test('are attested past every watermark over them, and each watermark lies past them', async () => {
    const book = new Book()
    const over = { sub: 'user_1', cid: 'client', env: ENV }
    expect(book.ledger.attestTime(over)).toBe(book.clock.nowMs())
    await book.revoke({ kind: 'user', sub: 'user_1' })
    const at = book.ledger.attestTime(over)
    expect(at).toBe(book.clock.nowMs() + 5_001)
    expect(book.ledger.nextMark()).toBe(at)
    expect(book.ledger.attestTime({ ...over, sub: 'user_2' })).toBe(book.clock.nowMs())
    await book.revoke({ kind: 'key', kid: 'mt-1' })
    expect(book.ledger.attestTime({ sub: 'user_2', cid: 'c', env: randomId() })).toBe(at + 1)
    book.clock.advance(60_000)
    expect(book.ledger.attestTime(over)).toBe(book.clock.nowMs())
    expect(book.ledger.nextMark()).toBe(book.clock.nowMs() + 5_000)
  })

  test('after a restart the watermarks still lie past the grants that exist', async () => {
    const book = new Book()
    const ahead = book.grant({ at: book.clock.nowMs() + 9_000 })
    await book.write('grant.attested', ahead)
    await book.revoke({ kind: 'user', sub: ahead.sub })
    expect(book.ledger.isEnded(ahead)).toBe(true)
  })
})

describe('what the store is told', () => {
  test('a revoked token is remembered an hour longer than it lives; one without end, for good', async () => {
    const book = new Book()
    const [short, endless] = [randomId(), randomId()]
    await book.revoke({ kind: 'token', rid: short, until: 1 }, Math.floor(book.clock.nowMs() / 1000) + 60)
    await book.revoke({ kind: 'token', rid: endless, until: null })
    book.clock.advance(3_659_000)
    expect(book.store.peek(`rev:t:${short}`)).toBe('1')
    book.clock.advance(2_000)
    expect(book.store.peek(`rev:t:${short}`)).toBeNull()
    book.clock.advance(10_000 * DAY_MS)
    expect(book.store.peek(`rev:t:${endless}`)).toBe('1')
  })

  test('replayed long afterwards, a revocation is still kept for an hour', async () => {
    const book = new Book()
    const rid = randomId()
    await book.revoke({ kind: 'token', rid, until: 1 }, 1)
    expect(book.store.peek(`rev:t:${rid}`)).toBe('1')
  })

  test('a revoked automation token leaves the allow-list', async () => {
    const book = new Book()
    const [jti, gid] = [randomId(), randomId()]
    await book.write('allow.added', { jti, gid, maxS: null, kids: [] })
    expect(book.store.peek(`ci:${jti}`)).toBe(gid)
    await book.revoke({ kind: 'token', rid: jti, until: null })
    expect(book.store.peek(`ci:${jti}`)).toBeNull()
  })

  test('a client’s address of any length is one short key', async () => {
    const book = new Book()
    await book.revoke({ kind: 'client', cid: `https://client.example/${'x'.repeat(480)}` })
    expect(book.ledger.nextMark()).toBe(book.clock.nowMs() + 5_000)
    expect(writesOfClient()).toMatch(/^wm:c:[\w-]{43}$/)
  })
  const writesOfClient = (): string => {
    const record = readRecord(
      'revocation.made',
      { target: { kind: 'client', cid: 'c' }, markMs: 1, untilS: null, reason: '', by: '' },
      1,
    )
    return writesOf(record, manualClock())[0]?.key ?? ''
  }
})

describe('credentials', () => {
  const owner = { sub: 'user_1', env: ENV }
  const saved = (ver: number, previous: { ver: number; blob: string } | null) => ({
    ...owner,
    ...{ ver, blob: `blob-${ver}`, origin: 'https://m.example', label: 'Plant', previous },
  })

  test('the newest serves; the one before is there to go back to for seven days', async () => {
    const book = new Book()
    await book.write('credential.saved', saved(1, null))
    await book.write('credential.saved', saved(2, { ver: 1, blob: 'blob-1' }))
    expect(book.ledger.newestCredential(owner)).toMatchObject({ ver: 2, previous: { ver: 1 } })
    expect(book.store.peek(`cred:user_1:${ENV}`)).toBe('2.blob-2')
    book.clock.advance(7 * DAY_MS)
    expect(book.ledger.newestCredential(owner)?.previous).not.toBeNull()
    book.clock.advance(1)
    expect(book.ledger.newestCredential(owner)).toMatchObject({ ver: 2, previous: null })
  })

  test('confirming forgets the one before; going back is a new version', async () => {
    const book = new Book()
    await book.write('credential.saved', saved(2, { ver: 1, blob: 'blob-1' }))
    await book.write('credential.confirmed', { ...owner, ver: 2 })
    expect(book.ledger.newestCredential(owner)).toMatchObject({ ver: 2, previous: null })
    await book.write('credential.reverted', { ...owner, ver: 3, blob: 'blob-1' })
    expect(book.ledger.newestCredential(owner)).toMatchObject({ ver: 3, blob: 'blob-1', previous: null })
    expect(book.store.peek(`cred:user_1:${ENV}`)).toBe('3.blob-1')
  })

  test('a removed environment keeps its owner and its name is not used again', async () => {
    const book = new Book()
    await book.write('credential.saved', saved(1, null))
    await book.write('environment.removed', { ...owner, markMs: book.ledger.nextMark() })
    expect(book.ledger.newestCredential(owner)).toBeNull()
    expect(book.ledger.isRemoved(ENV)).toBe(true)
    expect(book.ledger.ownerOf(ENV)).toBe('user_1')
    expect(book.store.peek(`cred:user_1:${ENV}`)).toBeNull()
  })
})

describe('keys that must stay', () => {
  test('are those of live automation tokens: of the token and of its receipt', async () => {
    const book = new Book()
    const grant = book.grant({ knd: 'ci', maxS: null })
    const jti = randomId()
    await book.write('grant.attested', grant)
    await book.write('allow.added', { jti, gid: grant.gid, maxS: null, kids: ['mt-1', 'ps-1'] })
    expect([...book.ledger.kidsInUse()].sort()).toEqual(['mg-AAAAAAAA', 'mt-1', 'ps-1'])
    await book.revoke({ kind: 'grant', gid: grant.gid })
    expect(book.ledger.kidsInUse().size).toBe(0)
  })

  test('a revoked token needs none', async () => {
    const book = new Book()
    const grant = book.grant({ knd: 'ci', maxS: null })
    const jti = randomId()
    await book.write('grant.attested', grant)
    await book.write('allow.added', { jti, gid: grant.gid, maxS: null, kids: ['mt-1'] })
    await book.revoke({ kind: 'token', rid: jti, until: null })
    expect(book.ledger.kidsInUse().size).toBe(0)
  })
})
