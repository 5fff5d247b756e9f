import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SubjectKeys } from '../../src/audit/personal/subject-keys.ts'
import { runAudit } from '../../src/cli/audit.ts'
import { startStack } from '../../src/dev/processes/stack.ts'
import { ask } from '../../src/dev/walk/json-http.ts'
import { rpc } from '../../src/dev/walk/rpc.ts'
import { connect } from '../support/stack.ts'

let dataDir = ''
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'maximo-mcp-audit-'))
  const stack = await startStack({ dataDir })
  const { address, discovered, clientId, tokens } = await connect(stack)
  for (const token of [tokens.access_token, 'rubbish']) {
    const call = { method: 'tools/call', params: { name: 'get_context', arguments: {} } }
    await rpc(address, token, '2026-07-28', call)
  }
  const form = { token: tokens.refresh_token ?? '', client_id: clientId }
  await ask(discovered.server.revocation_endpoint, { form })
  await stack.close()
}, 60_000)
afterAll(() => rm(dataDir, { recursive: true, force: true }))

interface Ran {
  readonly code: number
  readonly text: string
}

async function audit(...args: string[]): Promise<Ran> {
  const lines: string[] = []
  const out = {
    line: (text: string) => void lines.push(text),
    problem: (text: string) => void lines.push(text),
  }
  return { code: await runAudit(args, { DATA_DIR: dataDir }, out), text: lines.join('\n') }
}

const logOf = async (service: string): Promise<string> => {
  const folder = join(dataDir, service, 'audit')
  const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.jsonl'))
  return join(folder, name)
}

test('the logs of a run hold, and tell who did what', async () => {
  const { code, text } = await audit('verify')
  expect(text).toMatch(/OK .*portal-1\.jsonl: \d+ records/)
  expect(text).toMatch(/OK .*mcp-1\.jsonl: \d+ records/)
  expect(code).toBe(0)
  const types = (await readFile(await logOf('mcp'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => /"eventType":"([^"]+)"/.exec(line)?.[1])
  expect(new Set(types).size).toBeGreaterThan(4)
})

test.each(['portal', 'mcp'])('one flipped byte in the log of %s is found, by line', async (service) => {
  const path = await logOf(service)
  const good = await readFile(path)
  const lines = good.toString().split('\n')
  const line = Math.floor(lines.length / 2)
  const bent = Buffer.from(good)
  const at =
    Buffer.byteLength(lines.slice(0, line - 1).join('\n')) +
    1 +
    Math.floor((lines[line - 1] ?? '').length / 2)
  bent[at] = (bent[at] ?? 0) ^ 1
  await writeFile(path, bent)
  const { code, text } = await audit('verify')
  await writeFile(path, good)
  expect(code).toBe(1)
  expect(text).toContain(`BAD ${path} line ${line}:`)
  expect((await audit('verify')).code).toBe(0)
})

test('a tail that was cut off shows in the other service’s log', async () => {
  const path = await logOf('mcp')
  const good = await readFile(path, 'utf8')
  await writeFile(path, `${good.trimEnd().split('\n').slice(0, -3).join('\n')}\n`)
  const { code, text } = await audit('verify')
  await writeFile(path, good)
  expect(code).toBe(1)
  expect(text).toMatch(/BAD .*line \d+:/)
})

test('a cut that was made everywhere shows by the head that was kept elsewhere', async () => {
  const path = await logOf('mcp')
  const headFile = path.replace(/jsonl$/, 'head')
  const [good, head] = [await readFile(path, 'utf8'), await readFile(headFile, 'utf8')]
  const lines = good.trimEnd().split('\n')
  const kept = join(dataDir, 'kept.heads')
  await writeFile(kept, `\n${head}`)
  expect((await audit('verify', '--head', kept)).code).toBe(0)
  // The newest head was not given to the portal any more: without the one that was kept, nobody would know.
  const last = lines.findLastIndex((line) => line.includes('"audit.head"'))
  const before = lines.slice(0, last).findLast((line) => line.includes('"audit.head"')) ?? ''
  await writeFile(path, `${lines.slice(0, last).join('\n')}\n`)
  await writeFile(headFile, `${/"head":"([^"]+)"/.exec(before)?.[1] ?? ''}\n`)
  const unaware = await audit('verify')
  const { code, text } = await audit('verify', '--head', kept)
  await writeFile(path, `${lines.slice(0, last - 1).join('\n')}\n`)
  const shorter = await audit('verify', '--head', kept)
  await writeFile(path, good)
  await writeFile(headFile, head)
  expect([unaware.code, code]).toEqual([0, 0])
  expect(text).toContain('OK')
  expect(shorter.code).toBe(1)
  expect(shorter.text).toMatch(
    /BAD .*line \d+: cut: the signed head in .*kept\.heads:2 vouches for \d+ records/,
  )
})

test('heads that say nothing are told apart from none', async () => {
  const kept = join(dataDir, 'odd.heads')
  await writeFile(kept, 'nonsense\n')
  const odd = await audit('verify', '--head', kept)
  expect([odd.code, odd.text]).toEqual([1, `BAD ${kept} line 1: not a head that a known key signed`])
  await writeFile(kept, '\n')
  expect((await audit('verify', '--head', kept)).code).toBe(66)
  expect((await audit('verify', '--head', join(dataDir, 'none'))).code).toBe(66)
})

test('what happened is found by who, what and how it ended, as a table or as the records themselves', async () => {
  const calls = await audit('search', '--event', 'mcp.call', '--outcome', 'success', '--json')
  const [call] = calls.text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(call).toMatchObject({ eventType: 'mcp.call', tool: 'get_context', h: expect.any(String) })
  const about = await audit('search', '--correlation', String(call?.['correlationId']))
  expect(about.code).toBe(0)
  expect(about.text).toMatch(/^TIME +EVENT +OUTCOME .*\n\S+Z +mcp\.call +success .*\(\S+\)\n1 record$/)
  const shown = await audit('search', '--event', 'auth.*', '--from', '2026-01-01', '--principal', 'nobody')
  expect(shown.text).toMatch(/\n0 records$/)
  expect((await audit('search', '--unsettled')).text).toMatch(/\n0 records$/)
})

test('an unreadable line is no silent gap', async () => {
  const path = await logOf('mcp')
  const good = await readFile(path)
  await writeFile(path, Buffer.concat([good, Buffer.from('torn\n')]))
  const { code, text } = await audit('search', '--tool', 'get_context')
  await writeFile(path, good)
  expect(code).toBe(1)
  expect(text).toMatch(/mcp-1\.jsonl line \d+ cannot be read as a record and is not in this answer/)
})

test.each([
  ['verify', '--deep'],
  ['search', '--from', 'yesterday'],
  ['search', '--from', '2026-11-27', '--to', '2026-11-26'],
  ['search', '--outcome', 'ok'],
  ['search', '--whom', 'x'],
])('wrong usage of %s %s is explained', async (...args) => {
  const { code, text } = await audit(...args)
  expect(code).toBe(64)
  expect(text.length).toBeGreaterThan(20)
})

test('a hold is placed for every service, listed and released', async () => {
  const placed = await audit(
    'hold',
    'place',
    '--why',
    'case 1',
    '--principal',
    'user_1',
    '--to',
    '2026-11-01',
  )
  const [, id = ''] = /^hold (\S+)$/.exec(placed.text) ?? []
  expect(placed.code).toBe(0)
  for (const service of ['portal', 'mcp']) {
    const file = join(dataDir, service, 'audit', 'holds.json')
    const hold = { id, subject: 'user_1', to: '2026-11-01T00:00:00.000Z', why: 'case 1' }
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ holds: [hold] })
  }
  expect((await audit('hold', 'list')).text).toBe(
    `${id}  user_1  … to 2026-11-01T00:00:00.000Z  in force  case 1`,
  )
  expect((await audit('hold', 'release', id)).code).toBe(0)
  expect((await audit('hold', 'release', id)).code).toBe(1)
  expect((await audit('hold', 'list')).text).toMatch(/ {2}released \S+Z {2}case 1$/)
  await writeFile(join(dataDir, 'mcp', 'audit', 'holds.json'), '{}')
  expect((await audit('hold', 'list')).code).toBe(66)
  await rm(join(dataDir, 'mcp', 'audit', 'holds.json'))
})

test('who is to be erased is told to every service', async () => {
  expect((await audit('erase', 'user_1')).code).toBe(0)
  for (const service of ['portal', 'mcp'])
    expect(await new SubjectKeys(join(dataDir, service, 'audit-subjects')).requested()).toEqual(['user_1'])
})

test.each([
  ['hold', 'place', '--principal', 'user_1'],
  ['hold', 'place', '--why', 'x'],
  ['hold', 'release'],
  ['hold', 'lift', 'h1'],
  ['erase'],
])('wrong usage of %s %s is refused', async (...args) => {
  expect((await audit(...args)).code).toBe(64)
})

test('wrong usage and an empty folder are told apart', async () => {
  expect((await audit('verfy')).code).toBe(64)
  expect((await audit()).code).toBe(64)
  expect((await audit('search', '--data', join(dataDir, 'nothing'))).code).toBe(66)
  expect((await audit('verify', '--data', join(dataDir, 'nothing'))).code).toBe(66)
})
