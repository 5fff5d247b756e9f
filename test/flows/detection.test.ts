import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { segmentsOf } from '../../src/audit/log-files.ts'
import { Browser, type Page } from '../../src/dev/walk/browser.ts'
import { formTo } from '../../src/dev/walk/forms.ts'
import { rpc } from '../../src/dev/walk/rpc.ts'
import { createToken } from '../support/oauth/automation.ts'
import { askToken, clientIdOf, registerMachine } from '../support/oauth/machine-owner.ts'
import { PLANNER, type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

const ADMIN = 'admin@example.com'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
afterAll(() => world.close())

interface Recorded {
  readonly eventType: string
  readonly operation: string
  readonly principal: string | null
  readonly resource: string
  readonly detection: { readonly id: string; readonly count: number; readonly more?: number }
}

/** What stands about detections in the log of a service. */
async function recorded(service: 'portal' | 'mcp', type = 'raised'): Promise<readonly Recorded[]> {
  const segments = await segmentsOf(join(world.dataDir, service, 'audit'), `${service}-1`)
  const texts = await Promise.all(segments.map(({ path }) => readFile(path, 'utf8')))
  return texts
    .join('')
    .split('\n')
    .filter((line) => line.includes(`"eventType":"detection.${type}"`))
    .map((line) => JSON.parse(line) as Recorded)
}

const soon = { timeout: 20_000, interval: 100 }
const noticesOn = (page: Page): string[] =>
  page.html.querySelectorAll('[data-notice^="detection-"] h2').map(({ text }) => text.trim())

describe('guesses at the secret of a machine client', () => {
  test('make one event and one notice, whatever follows and whatever restarts; it is told how much', async () => {
    const owner = new Browser()
    const cid = clientIdOf(await registerMachine(owner, world, { email: ADMIN, proof: 'secret' }))
    const guess = () =>
      askToken(world, { grant_type: 'client_credentials', client_id: cid, client_secret: 'wrong' })
    for (let count = 0; count < 10; count += 1) await guess()
    expect(await recorded('portal')).toEqual([])
    await guess()
    await expect.poll(() => recorded('portal'), soon).toHaveLength(1)
    expect(await recorded('portal')).toMatchObject([
      { operation: 'failed_sign_ins', resource: `client:${cid}`, detection: { count: 11 } },
    ])
    // Most of these leave no record of their own: the address has caused enough of them. They are counted all the same.
    for (let count = 0; count < 30; count += 1) await guess()
    await world.restartPortal()
    world.store.flush()
    await world.restartPortal()
    for (let count = 0; count < 15; count += 1) await guess()

    const home = await owner.open(`${world.portalUrl}/`)
    expect(noticesOn(home)).toEqual(['Somebody tried to sign in as “Nightly report”'])
    expect(home.html.querySelector('[data-notice^="detection-"]')?.text).toContain('from 127.0.0.1')
    expect(await recorded('portal')).toHaveLength(1)
    // Whoever stops judges first what was heard.
    await world.restartPortal()
    onTestFinished(() => world.clock.reset())
    world.clock.advance(3_600_000)
    await expect.poll(() => recorded('portal', 'settled'), soon).toHaveLength(1)
    const [settled] = await recorded('portal', 'settled')
    expect(settled?.detection).toMatchObject({ id: (await recorded('portal'))[0]?.detection.id, more: 15 })
  })

  test('are no notice to anybody else, and a notice that was read does not come back', async () => {
    const other = new Browser()
    await registerMachine(other, world, { email: PLANNER })
    expect(noticesOn(await other.open(`${world.portalUrl}/`))).toEqual([])
    const owner = new Browser()
    await registerMachine(owner, world, { email: ADMIN })
    const page = await owner.open(`${world.portalUrl}/connections`)
    expect(noticesOn(page)).toHaveLength(1)
    const after = await owner.submit(page, formTo(page, '/notices/dismiss'))
    expect(noticesOn(after)).toEqual([])
  })
})

describe('a pipeline that tries what it may not', () => {
  test('reaches its owner’s page in the portal, and the list of the MCP server', async () => {
    const owner = new Browser()
    const token = await createToken(owner, world, { email: PLANNER, name: 'Reports' })
    const call = { method: 'tools/call', params: { name: 'list_detections', arguments: {} } }
    const answer = await rpc(`${world.mcpUrl}/ci/mcp?toolsets=all`, token, '2026-07-28', call)
    expect(answer.status).toBe(403)
    await expect.poll(() => recorded('mcp'), soon).toHaveLength(1)
    expect(await recorded('mcp')).toMatchObject([{ operation: 'scope_escalation', detection: { count: 1 } }])
    const page = await owner.open(`${world.portalUrl}/tokens`)
    expect(noticesOn(page)).toEqual(['“Reports” tried what it may not do'])
  })
})
