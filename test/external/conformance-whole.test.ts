import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { McpDoor } from '../support/mcp/mcp-door.ts'
import { AUDIENCE } from '../support/crypto/token-workshop.ts'
import { startAuthProxy, type AuthProxy } from './auth-proxy.ts'
import { runConformance } from './conformance-suite.ts'
import { MCP_SUITES, reasonNotInstalled } from './scratch-packages.ts'
import { openStandInServer } from './stand-ins/server.ts'

const missing = await reasonNotInstalled(MCP_SUITES)
if (missing !== null) console.warn(`skipped: ${missing}`)

/** Answers to a server's requests come in requests of their own, which only a session finds again. */
const NO_REQUESTS = 'in the older era the server asks the client nothing: it keeps no sessions'
/** An extension that is optional by definition. */
const NO_TASKS = 'io.modelcontextprotocol/tasks is not offered'

interface Revision {
  readonly version: string
  /** Scenarios in the frozen set of the revision, those without score included. */
  readonly scenarios: number
  /** What cannot pass, and why. One that passes after all fails here. */
  readonly cannot: Readonly<Record<string, string>>
}

const REVISIONS: readonly Revision[] = [
  {
    version: '2026-07-28',
    scenarios: 50,
    cannot: {
      'tasks-lifecycle': NO_TASKS,
      'tasks-capability-negotiation': NO_TASKS,
      'tasks-wire-fields': NO_TASKS,
      'tasks-request-state-removal': NO_TASKS,
      'tasks-mrtr-input': NO_TASKS,
      'tasks-request-headers': NO_TASKS,
      'tasks-dispatch-and-envelope': NO_TASKS,
      'tasks-required-task-error': NO_TASKS,
      'tasks-mrtr-composition': NO_TASKS,
    },
  },
  {
    version: '2025-11-25',
    scenarios: 33,
    cannot: {
      'tools-call-sampling': NO_REQUESTS,
      'tools-call-elicitation': NO_REQUESTS,
      'elicitation-sep1034-defaults': NO_REQUESTS,
      'elicitation-sep1330-enums': NO_REQUESTS,
    },
  },
]

let folder = ''
let door: McpDoor
let proxy: AuthProxy
beforeAll(async () => {
  if (missing !== null) return
  folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-conformance-whole-'))
  door = await openStandInServer()
  proxy = await startAuthProxy(`${await door.listen()}/mcp`, await door.token(), AUDIENCE)
}, 400_000)
afterAll(async () => {
  if (missing !== null) return
  await proxy.close()
  await door.close()
  await rm(folder, { recursive: true, force: true })
})

/** The last lines of the suite: a scenario each, with what it found. */
const resultsIn = (text: string): ReadonlyMap<string, boolean> =>
  new Map(
    [...text.matchAll(/^([✓✗]) ([\w-]+): \d+ passed, (\d+) failed/gm)].map(
      ([, mark, scenario = '', failed]) => [scenario, mark === '✓' && failed === '0'],
    ),
  )

describe.skipIf(missing !== null)(
  'the whole server set of the MCP conformance suite, through our transport',
  () => {
    test.each(REVISIONS)(
      '$version: all $scenarios scenarios run, and what cannot pass is known',
      async ({ version, scenarios, cannot }) => {
        const ran = await runConformance(
          folder,
          ['server', '--url', proxy.url, '--requirements', version],
          240_000,
        )
        const results = resultsIn(ran.text)
        expect(results.size, ran.text).toBe(scenarios)
        const failed = [...results].filter(([, passed]) => !passed).map(([scenario]) => scenario)
        expect(failed.sort(), ran.text).toEqual(Object.keys(cannot).sort())
      },
      250_000,
    )
  },
)
