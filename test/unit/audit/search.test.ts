import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/audit/event.ts'
import {
  type AuditQuery,
  type FoundRecord,
  searchAudit,
  type UnreadableLine,
} from '../../../src/audit/search.ts'
import { findUnsettled } from '../../../src/audit/unsettled.ts'
import { aCall, type AuditKit, auditKit } from '../../support/audit.ts'
import { manualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'

let kit: AuditKit
beforeAll(async () => {
  kit = await auditKit()
})

let data: string
let unreadable: UnreadableLine[]
beforeEach(async () => {
  data = await scratchFolder()
  unreadable = []
})
const folders = (): string[] => [join(data, 'portal'), join(data, 'mcp')]

/** Events of both services, each a second after the one before. */
async function write(
  ...events: readonly (readonly ['portal' | 'mcp', Partial<AuditEvent>])[]
): Promise<void> {
  const clock = manualClock()
  const logs = {
    portal: await kit.open('portal', join(data, 'portal'), { clock }),
    mcp: await kit.open('mcp', join(data, 'mcp'), { clock }),
  }
  for (const [service, bend] of events) {
    clock.advance(1_000)
    await logs[service].write(aCall(bend))
  }
  await Promise.all([logs.portal.close(), logs.mcp.close()])
}

async function all(rows: AsyncIterable<FoundRecord>): Promise<FoundRecord[]> {
  const found: FoundRecord[] = []
  for await (const row of rows) found.push(row)
  return found
}
const search = (query: AuditQuery): Promise<FoundRecord[]> =>
  all(searchAudit(folders(), query, (line) => void unreadable.push(line)))
const operations = async (query: AuditQuery): Promise<(string | null)[]> =>
  (await search({ tool: ['query_records'], ...query })).map(({ record }) => record.operation)

describe('a search', () => {
  beforeEach(() =>
    write(
      ['mcp', { operation: 'one', principal: 'user_1', correlationId: 'c1' }],
      ['portal', { operation: 'two', principal: 'user_2', eventType: 'token.issued', correlationId: 'c2' }],
      ['mcp', { operation: 'three', principal: 'user_2', outcome: 'refused', environmentId: 'env_3' }],
      [
        'portal',
        { operation: 'four', principal: 'user_1', eventType: 'token.revoked', masInstance: 'b.example' },
      ],
    ),
  )
  const at = (second: number): number => Date.parse('2026-11-22T00:00:00Z') + second * 1_000

  test.each<[string, AuditQuery, string[]]>([
    ['nothing but the tool', {}, ['one', 'two', 'three', 'four']],
    ['a person', { principal: ['user_1'] }, ['one', 'four']],
    ['either of two', { principal: ['user_1', 'user_2'] }, ['one', 'two', 'three', 'four']],
    ['part of a name finds nobody', { principal: ['user_'] }, []],
    ['a kind of event', { eventType: ['token.issued'] }, ['two']],
    ['all events of a kind', { eventType: ['token.*'] }, ['two', 'four']],
    ['an outcome', { outcome: ['refused'] }, ['three']],
    ['a request', { correlationId: ['c2'] }, ['two']],
    ['a host', { environment: ['b.example'] }, ['four']],
    ['an environment by id', { environment: ['env_3'] }, ['three']],
    ['what is the value of another name', { correlationId: ['user_1'] }, []],
    ['from a time on, included', { fromMs: at(2) }, ['two', 'three', 'four']],
    ['to a time, excluded', { toMs: at(2) }, ['one']],
    ['all at once', { fromMs: at(2), toMs: at(4), principal: ['user_2'], outcome: ['success'] }, ['two']],
    ['another tool', { tool: ['get_record'] }, []],
  ])('by %s', async (_what, query, expected) => {
    expect(await operations(query)).toEqual(expected)
    expect(unreadable).toEqual([])
  })

  test('names file and line of each, and gives it as it stands', async () => {
    const [found] = await search({ correlationId: ['c1'] })
    expect(found).toMatchObject({ file: join(data, 'mcp', 'mcp-1.jsonl'), line: 2, atMs: at(1) })
    expect(JSON.parse(found?.text ?? '')).toMatchObject({ n: 2, operation: 'one', h: expect.any(String) })
  })

  test('says which lines it could not read', async () => {
    const path = join(data, 'mcp', 'mcp-1.jsonl')
    await appendFile(path, 'no record\n{"n":6,"timestamp":"yesterday"}\n')
    expect(await operations({})).toEqual(['one', 'two', 'three', 'four'])
    expect(unreadable).toEqual([
      { file: path, line: 5 },
      { file: path, line: 6 },
    ])
  })
})

test('a value that is escaped in the log is found by what it is', async () => {
  await write(['mcp', { principal: 'user "é\u0085' }], ['mcp', { principal: 'user' }])
  expect(await search({ principal: ['user "é\u0085'] })).toHaveLength(1)
})

describe('intents without an outcome', () => {
  const change = (id: string, outcome: AuditEvent['outcome'], more: Partial<AuditEvent> = {}) =>
    ['mcp', { eventType: 'maximo.write', outcome, queryParams: { change: id, more: 1 }, ...more }] as const
  const unsettled = async (): Promise<unknown[]> =>
    (await findUnsettled(searchAudit(folders(), {}, () => undefined))).map(({ record }) => [
      record.operation,
      record.correlationId,
    ])

  test('are those whose server died; an outcome of any kind, and of another request, settles one', async () => {
    await write(
      change('p1', 'intent', { operation: 'done' }),
      change('p1', 'success', { operation: 'done' }),
      change('p2', 'intent', { operation: 'refused' }),
      change('p2', 'refused', { operation: 'refused' }),
      change('p3', 'intent', { operation: 'looked after' }),
      change('p4', 'intent', { operation: 'died', correlationId: 'c4' }),
      change('p3', 'failed', {
        operation: 'looked after',
        correlationId: 'other',
        queryParams: { change: 'p3' },
      }),
    )
    expect(await unsettled()).toEqual([['died', 'c4']])
  })

  test('are counted by record where one change has several on the same thing', async () => {
    const two = { operation: 'note' }
    await write(change('p', 'intent', two), change('p', 'intent', two), change('p', 'success', two))
    expect(await unsettled()).toEqual([['note', 'abc123']])
  })

  test('belong to their own change and request: an outcome of another settles nothing', async () => {
    const saved = { eventType: 'credential.saved', queryParams: {} } as const
    await write(
      change('p', 'intent', { operation: 'x' }),
      change('q', 'success', { operation: 'x' }),
      ['mcp', { ...saved, outcome: 'intent', operation: 'add', correlationId: 'c1' }],
      ['mcp', { ...saved, outcome: 'success', operation: 'add', correlationId: 'c2' }],
    )
    expect(await unsettled()).toEqual([
      ['x', 'abc123'],
      ['add', 'c1'],
    ])
  })
})
