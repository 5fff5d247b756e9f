import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findKidsInUse } from '../../../src/cli/kids-in-use.ts'
import { runKeys } from '../../../src/cli/keys.ts'
import { keyFolder, keyStatus } from '../../../src/crypto/keys/ceremony.ts'
import { loadMcpKeys } from '../../../src/crypto/keys/key-ring.ts'
import { wrapCredential } from '../../../src/crypto/wrapped.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { openJournal, type Journal } from '../../../src/kernel/journal.ts'
import { JOURNAL_OPENED } from '../../../src/kernel/projector.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { plantedKeys, removePlanted } from '../../support/crypto/planted-keys.ts'
import { aWrapped } from '../../support/crypto/token-workshop.ts'

let dataDir: string
const opened: Journal[] = []
beforeEach(async () => {
  ;({ dataDir } = await plantedKeys())
})
afterEach(() => Promise.all(opened.splice(0).map((journal) => journal.close())))
afterAll(removePlanted)

async function keys(...args: string[]): Promise<{ code: number; lines: string[]; problems: string[] }> {
  const [lines, problems]: [string[], string[]] = [[], []]
  const out = { line: (text: string) => lines.push(text), problem: (text: string) => problems.push(text) }
  const code = await runKeys(args, { DATA_DIR: dataDir }, out)
  return { code, lines, problems }
}

const activeKid = async (prefix: string): Promise<string> =>
  (await keyStatus(dataDir)).find(({ kid, state }) => kid.startsWith(prefix) && state === 'active')?.kid ?? ''

async function journal(): Promise<Journal> {
  const made = await openJournal({
    folder: join(dataDir, 'mcp', 'journal'),
    writer: 'mcp-1',
    clock: systemClock,
  })
  opened.push(made)
  // As the server begins every journal.
  if (made.lastSeq === 0) await made.append(JOURNAL_OPENED, {})
  return made
}

const grant = (knd: 'at' | 'ci', gid: string, kid: string) => ({
  gid,
  sub: 'user_1',
  sid: 'sess_1',
  env: aWrapped().env,
  cid: 'client',
  scp: 'maximo:read',
  knd,
  prf: 'batch',
  clientName: 'pipeline',
  redirectHost: '',
  at: systemClock.nowMs(),
  maxS: null,
  ver: 1,
  kid,
})

describe('maximo-mcp keys', () => {
  test('init makes keys where there are none, prints their thumbprints, and does not do so twice', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'mx-keys-'))
    const lines: string[] = []
    const out = {
      line: (text: string) => lines.push(text),
      problem: (text: string) => lines.push(`! ${text}`),
    }
    expect(await runKeys(['init'], { DATA_DIR: empty }, out)).toBe(0)
    expect(lines).toHaveLength(21)
    for (const line of lines) expect(line).toMatch(/^[mpo][a-z]-[\w-]{8} {2}.*Z {2}[\w-]{43}$/)
    expect(await runKeys(['init'], { DATA_DIR: empty }, out)).toBe(1)
    expect(lines.at(-1)).toMatch(/^! .*never overwritten/)
    await rm(empty, { recursive: true })
  })

  test('status lists every key of both services and the operator', async () => {
    const { code, lines } = await keys('status')
    expect([code, lines.length]).toEqual([0, 21])
  })

  test('rotate says what to do next, each time', async () => {
    const first = await keys('rotate', 'receipt')
    expect([first.code, first.lines.at(-1)]).toEqual([
      0,
      expect.stringContaining('run `keys rotate receipt` again'),
    ])
    const second = await keys('rotate', 'receipt')
    expect([second.code, second.lines.at(-1)]).toEqual([0, expect.stringContaining('Retire the former key')])
  })

  test.each([
    [[], 64],
    [['what'], 64],
    [['init', 'now'], 64],
    [['rotate'], 64],
    [['retire'], 64],
    [['status', '--verbose'], 64],
    [['rotate', 'receipt', 'code'], 64],
    [['rotate', 'everything'], 1],
    [['rotate', 'pre-tag'], 1],
    [['retire', 'mt-AAAAAAAA'], 1],
  ])('%j ends with %i and says why', async (args, code) => {
    const done = await keys(...args)
    expect(done.code).toBe(code)
    expect(done.problems).toHaveLength(1)
  })

  test('a folder that breaks a rule is named, with exit code 78', async () => {
    await writeFile(join(keyFolder(dataDir, 'portal'), 'private.pem'), 'x')
    for (const args of [['status'], ['rotate', 'code']]) {
      const done = await keys(...args)
      expect([done.code, done.problems.join()]).toEqual([78, expect.stringContaining('private.pem')])
    }
  })
})

describe('retire asks the journal of the MCP server', () => {
  const retire = async (kid: string): Promise<number> => (await keys('retire', kid, '--now')).code

  async function rotated(purpose: string, prefix: string): Promise<string> {
    const old = await activeKid(prefix)
    await keys('rotate', purpose)
    await keys('rotate', purpose)
    return old
  }

  test('no journal yet: nothing is in use', async () => {
    expect(await retire(await rotated('token-encryption', 'mt'))).toBe(0)
  })

  test('a live automation token keeps its keys, also while the server runs; its end frees them', async () => {
    const [mt, mg] = [await activeKid('mt'), await activeKid('mg')]
    const gid = randomId()
    const log = await journal()
    await log.append('grant.attested', grant('ci', gid, mg))
    await log.append('allow.added', { jti: randomId(), gid, maxS: null, kids: [mt, await activeKid('ps')] })
    await rotated('token-encryption', 'mt')
    await rotated('receipt', 'mg')
    expect([await retire(mt), await retire(mg)]).toEqual([1, 1])
    expect(
      (await keyStatus(dataDir)).filter(({ state }) => state === 'ci-only').map(({ kid }) => kid),
    ).toContain(mt)
    const target = { kind: 'grant', gid }
    await log.append('revocation.made', { target, markMs: 1, untilS: null, reason: 'owner', by: 'user_1' })
    expect([await retire(mt), await retire(mg)]).toEqual([0, 0])
  })

  test('a person’s connection does not keep a key that has leaked', async () => {
    const mg = await rotated('receipt', 'mg')
    await (await journal()).append('grant.attested', grant('at', randomId(), mg))
    expect(await retire(mg)).toBe(0)
  })

  test('a stored credential keeps the key it is wrapped under, until it is wrapped anew', async () => {
    const log = await journal()
    const save = async (ver: number): Promise<void> => {
      const mcp = await loadMcpKeys(keyFolder(dataDir, 'mcp'))
      const blob = await wrapCredential(aWrapped({ ver }), mcp)
      const { sub, env } = aWrapped()
      const origin = 'https://maximo.example.com'
      const data = { sub, env, ver, blob: blob.ok ? blob.value : '', origin, label: 'x', previous: null }
      await log.append('credential.saved', data)
    }
    await save(1)
    const mw = await rotated('wrapping', 'mw')
    expect(await retire(mw)).toBe(1)
    await save(2)
    expect(await retire(mw)).toBe(0)
  })

  test('a journal that cannot be read whole frees nothing', async () => {
    const folder = join(dataDir, 'mcp', 'journal')
    const mt = await rotated('token-encryption', 'mt')
    await mkdir(folder, { recursive: true })
    for (const line of ['{', '{"n":1,"w":"mcp-1","t":1,"e":"unheard.of","d":{},"h":"x"}']) {
      await writeFile(join(folder, 'mcp-1.jsonl'), `${line}\n`)
      await expect(findKidsInUse(folder)).rejects.toThrow()
      expect(await retire(mt)).toBe(1)
      expect((await keyStatus(dataDir)).find(({ kid }) => kid === mt)?.state).toBe('accept')
    }
  })

  test('a record that is just being written is not yet decided', async () => {
    const log = await journal()
    const mg = await activeKid('mg')
    await log.append('grant.attested', grant('at', randomId(), mg))
    const folder = join(dataDir, 'mcp', 'journal')
    await appendFile(join(folder, 'mcp-1.jsonl'), '{"n":3,"w":"mc')
    expect(await findKidsInUse(folder)).toEqual(new Set())
  })
})
