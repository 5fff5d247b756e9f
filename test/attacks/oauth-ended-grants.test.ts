import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectClient, obtainCode, redeem, registerClient } from '../support/oauth/oauth-client.ts'
import { openSignedIn } from '../../src/dev/walk/sign-in.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { formTo } from '../../src/dev/walk/forms.ts'
import { CALLBACK } from '../support/oauth/oauth-client.ts'
import { PLANNER, type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
afterAll(async () => world.close())

const issued = async (): Promise<number> =>
  (await readFile(`${world.dataDir}/portal/journal/portal-1.jsonl`, 'utf8')).split('"e":"token.issued"')
    .length

test('a connection that its owner ended before its code was redeemed issues nothing, also while the MCP server is silent', async () => {
  const client = await registerClient(world)
  const browser = new Browser({ stopAt: CALLBACK })
  const obtained = await obtainCode(world, client, { browser })
  await world.stopMcp()
  const page = await openSignedIn(browser, `${world.portalUrl}/connections`, PLANNER)
  await browser.submit(page, formTo(page, '/connections/revoke'))
  const before = await issued()
  expect(await redeem(world, client, obtained)).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant' },
  })
  expect(await issued()).toBe(before)
  await world.startMcp()
  // The twin: one that nobody ended.
  expect((await connectClient(world)).access_token).toBeDefined()
})
