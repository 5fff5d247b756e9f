import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { SubjectKeys } from '../../../src/audit/personal/subject-keys.ts'
import { runAudit } from '../../../src/cli/audit.ts'
import { aCall, auditKit } from '../../support/audit.ts'
import { scratchFolder } from '../../support/folder.ts'

let dataDir: string
let subjects: SubjectKeys
beforeEach(async () => {
  dataDir = await scratchFolder()
  await mkdir(join(dataDir, 'mcp', 'keys'), { recursive: true })
  subjects = new SubjectKeys(join(dataDir, 'mcp', 'audit-subjects'))
  const audit = await (await auditKit()).open('mcp', join(dataDir, 'mcp', 'audit'), { subjects })
  await audit.write(aCall({ principal: 'user_secret', userAgent: 'a\u202eb' }))
  await audit.write(aCall({ principal: 'user_other' }))
  await audit.close()
})

async function search(...args: string[]): Promise<string[]> {
  const lines: string[] = []
  const out = {
    line: (text: string) => void lines.push(text),
    problem: (text: string) => void lines.push(text),
  }
  const asked = ['search', '--data', dataDir, '--event', 'mcp.call', ...args]
  expect(await runAudit(asked, {}, out)).toBe(0)
  return lines
}
const jsonOf = async (...args: string[]): Promise<unknown[]> =>
  (await search('--json', ...args)).map((line): unknown => JSON.parse(line))

test('who is behind a pseudonym is told to whoever asks, with what is sealed', async () => {
  const [line = ''] = await search('--json', '--persons')
  expect(JSON.parse(line)).toMatchObject({
    ...{ principal: 'user_secret', sourceIP: '192.0.2.7', userAgent: 'a\u202eb', operation: 'query_records' },
  })
  expect(line).not.toMatch(/\u202e|"personal"/)
  expect((await search('--persons')).join('\n')).toMatch(/user_secret.*\n.*user_other/)
})

test('without asking the record stands as it was written, and so does that of a person who was erased', async () => {
  const pseudonym = (await subjects.find('user_secret'))?.pseudonym
  const sealed = { principal: pseudonym, sourceIP: null, personal: expect.any(String) as string }
  expect(await jsonOf()).toMatchObject([sealed, { sourceIP: null }])
  await subjects.erase('user_secret')
  expect(await jsonOf('--persons')).toMatchObject([sealed, { principal: 'user_other' }])
})
