import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { EVENT_TYPES } from '../../../src/audit/event.ts'
import { RefusalTally } from '../../../src/audit/refusal-tally.ts'
import type { AuditEvent } from '../../../src/audit/event.ts'
import { manualClock } from '../../support/clock.ts'
import { captureLog } from '../../support/log.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
let manual: string
let source: string
beforeAll(async () => {
  manual = await readFile(join(ROOT, 'docs/operate/audit.md'), 'utf8')
  const names = (await readdir(join(ROOT, 'src'), { recursive: true })).filter(
    (name) => /\.tsx?$/.test(name) && name !== join('audit', 'event.ts'),
  )
  source = (await Promise.all(names.map((name) => readFile(join(ROOT, 'src', name), 'utf8')))).join('\n')
})

test.each(Object.entries(EVENT_TYPES))(
  '%s is written somewhere, and explained to the operator',
  (type, means) => {
    expect(source).toContain(`'${type}'`)
    expect(manual.replace(/ +/g, ' ')).toContain(`| \`${type}\` | ${means} |`)
  },
)

test('a flood at a door is some records and then a number; what the disk did not take is counted on', async () => {
  const written: AuditEvent[] = []
  let isFull = true
  const audit = {
    write: (event: AuditEvent) =>
      isFull ? Promise.reject(new Error('full')) : Promise.resolve(void written.push(event)),
  }
  const clock = manualClock()
  const tally = new RefusalTally({
    audit,
    clock,
    log: captureLog().log,
    resource: 'door',
    everyMs: 3_600_000,
  })
  const worth = Array.from({ length: 500 }, () => tally.isWorthRecording('192.0.2.7')).filter((one) => one)
  expect(worth).toHaveLength(101)
  expect(tally.isWorthRecording('198.51.100.7')).toBe(true)
  await tally.flush()
  isFull = false
  await tally.flush()
  await tally.close()
  expect(written).toMatchObject([
    { eventType: 'internal.refused', outcome: 'refused', resource: 'door', recordCount: 399 },
  ])
  clock.advance(60_001)
  expect(tally.isWorthRecording('192.0.2.7')).toBe(true)
})
