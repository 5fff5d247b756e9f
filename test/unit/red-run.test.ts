import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeAll, expect, test } from 'vitest'
import { EVENT_TYPES } from '../../src/audit/event.ts'

let code: number | null
let printed: string
let complaint: string
/** Tests that pass, in a run of their own, and break what is held over a whole run. */
beforeAll(async () => {
  const root = resolve(import.meta.dirname, '../..')
  const vitest = resolve(root, 'node_modules/vitest/vitest.mjs')
  const config = 'test/support/red-run/vitest.config.ts'
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')))
  const child = spawn(process.execPath, [vitest, 'run', '--config', config], { cwd: root, env })
  ;[printed, complaint] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  code = child.exitCode
})

test('tests that pass make a red run', () => {
  expect(printed).toContain('3 passed')
  expect(code).toBe(1)
})

test('by a breach of a rule of the wire anywhere, with the name of the test', () => {
  expect(complaint).toContain('rules of the wire broken 3 times')
  // One told by the process of tests, one by the command's own log.
  expect(complaint).toMatch(
    /"rule":"cookie","request":"GET \/maximo\/api\/whoami\?lean=1".*"test":"a key and a cookie"/,
  )
  expect(complaint).toMatch(/"rule":"cookie","request":"GET \/maximo\/api\/whoami\?lean=1"\}/)
  expect(complaint).toMatch(
    /"rule":"stranger","request":"GET http:\/\/127\.0\.0\.1:\d+\/maximo\/api\/whoami".*"test":"a host that nobody expects"/,
  )
})

test('by a type of event that no register knows, and by each that no service wrote', () => {
  expect(complaint).toMatch(/types of events that no register knows: made\.up$/m)
  const missing = /^.*registered types of events that no service wrote in any test: (.*)$/m.exec(
    complaint,
  )?.[1]
  const named = missing?.split(', ') ?? []
  expect(named.filter((type) => !type.startsWith('audit.'))).toEqual(
    Object.keys(EVENT_TYPES).filter((type) => type !== 'sign_in'),
  )
  // Of its own records, the log itself wrote these.
  expect(named).toContain('audit.removed')
  expect(named).not.toContain('audit.opened')
})
