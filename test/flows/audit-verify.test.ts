import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

test('wrong usage and an empty folder are told apart', async () => {
  expect((await audit('verfy')).code).toBe(64)
  expect((await audit('verify', '--deep')).code).toBe(64)
  expect((await audit('verify', '--data', join(dataDir, 'nothing'))).code).toBe(66)
})
