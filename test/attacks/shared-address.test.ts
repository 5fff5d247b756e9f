import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { request } from 'undici'
import { answerConsent } from '../../src/dev/walk/connect.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { randomId } from '../../src/kernel/random.ts'
import { McpWorld } from '../support/mcp/mcp-world.ts'
import { authorizeUrl, CALLBACK, registerClient, type TestClient } from '../support/oauth/oauth-client.ts'
import {
  askPortal,
  PLANNER,
  type PortalWorld,
  startPortalWorld,
  TECHNICIAN,
} from '../support/portal-world.ts'

/** What a browser says of itself when a person follows a link. */
const BROWSER = { accept: 'text/html', 'sec-fetch-dest': 'document' }

/** Everybody of a test comes from 127.0.0.1: a company behind one address, of whom one means ill. */
const PEOPLE = 200

describe('T-31: 200 people behind one address with one attacker among them, at the MCP server', () => {
  let world: McpWorld
  let tokens: readonly string[]
  beforeAll(async () => {
    world = await McpWorld.start({ FAILED_AUTH_MAX: '20', FAILED_AUTH_WINDOW_S: '60' })
    const made: string[] = []
    for (let n = 0; n < PEOPLE; n += 1)
      made.push(await world.token(await world.attest({ sub: `user_${n}`, sid: `sess_${n}` })))
    tokens = made
  }, 120_000)
  afterAll(() => world.close())

  /** Garbage without end, a forged token, and his own good token far beyond its rate. */
  async function attack(own: string, until: { isOver: boolean }): Promise<Map<string, number>> {
    const answers = new Map<string, number>()
    const forged = `${own.slice(0, -8)}AAAAAAAA`
    for (let rounds = 0; rounds < 20 || !until.isOver; rounds += 1) {
      const round = await Promise.all(
        ['garbage', `x.${randomId()}`, forged, own].map((token) => world.rpc(token)),
      )
      for (const [n, { status }] of round.entries()) {
        const what = `${n === 3 ? 'own' : 'bad'} ${status}`
        answers.set(what, (answers.get(what) ?? 0) + 1)
      }
    }
    return answers
  }

  /** A machine that has too much to do says 503 to anybody, and to come again: nobody is refused by that. */
  async function served(token: string): Promise<number> {
    for (let tries = 0; tries < 20; tries += 1) {
      const { status } = await world.whoAmI(token)
      if (status !== 503) return status
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    return 503
  }

  test('nobody else is refused, and who connects meanwhile gets in', { timeout: 120_000 }, async () => {
    const [attacker = '', ...others] = tokens
    const until = { isOver: false }
    const attacked = attack(attacker, until)
    const statuses: number[] = []
    // 20 at a time.
    for (let from = 0; from < others.length; from += 20)
      statuses.push(...(await Promise.all(others.slice(from, from + 20).map(served))))
    const late = await world.token(await world.attest({ sub: 'user_late', sid: 'sess_late' }))
    statuses.push(await served(late))
    until.isOver = true
    const answers = await attacked
    expect(statuses).toEqual(Array.from({ length: PEOPLE }, () => 200))
    // The attack was one: he was refused for what was bad, and for too much of what was good.
    expect(answers.get('bad 429')).toBeGreaterThan(20)
    expect(answers.get('own 429')).toBeGreaterThan(0)
  })
})

describe('T-31: one attacker at the portal, whose address many people share', () => {
  let world: PortalWorld
  let client: TestClient
  beforeAll(async () => {
    world = await startPortalWorld({ env: { FAILED_AUTH_MAX: '5' } })
    client = await registerClient(world)
  }, 60_000)
  afterAll(() => world.close())

  const begin = async (): Promise<{ status: number; location: string }> => {
    const { statusCode, headers, body } = await request(authorizeUrl(world, client), { headers: BROWSER })
    await body.dump()
    return { status: statusCode, location: String(headers['location']) }
  }
  /** Until strangers on this address are asked to sign in; a minute of the machine's may be over meanwhile. */
  const crowd = async (): Promise<void> => {
    for (let n = 0; n < 400; n += 1) if ((await begin()).status === 307) return
    throw new Error('nobody was ever asked to sign in')
  }
  const signIn = async (email: string): Promise<string> => {
    const browser = new Browser({ stopAt: CALLBACK })
    return new URL((await answerConsent(browser, authorizeUrl(world, client), { email })).url).search
  }

  test('who has not signed in is asked to, once too many authorizations were begun', async () => {
    const before = world.store.size
    const answers: string[] = []
    for (let n = 0; n < 320; n += 1) {
      const { status, location } = await begin()
      answers.push(`${status} ${location.startsWith('/oauth/consent') ? 'consent' : 'sign-in'}`)
    }
    expect(answers.filter((answer) => answer === '302 consent')).toHaveLength(300)
    expect(new Set(answers.slice(300))).toEqual(new Set(['307 sign-in']))
    // What he begins beyond that takes no room.
    expect(world.store.size - before).toBeLessThanOrEqual(301)
    const { location } = await begin()
    expect(new URL(location).searchParams.get('redirect_url')).toBe(authorizeUrl(world, client))
  })

  test('people sign in and connect all the same, on his guesses and his floods', async () => {
    for (let n = 0; n < 12; n += 1) {
      await askPortal(world, '/oauth/token', {
        form: { grant_type: 'refresh_token', client_id: client.id, refresh_token: `mxr_${'A'.repeat(43)}` },
      })
      await askPortal(world, '/oauth/register', { json: {} })
    }
    await crowd()
    for (const email of [PLANNER, TECHNICIAN, PLANNER]) expect(await signIn(email)).toMatch(/^\?code=/)
  })

  test('who signed in has a limit of his own, and no other pays for him', async () => {
    const browser = new Browser()
    const statuses: number[] = []
    await crowd()
    await signInFor(browser, PLANNER)
    for (let n = 0; n < 32; n += 1) statuses.push((await browser.open(authorizeUrl(world, client))).status)
    expect(statuses.at(0)).toBe(200)
    expect(statuses.at(-1)).toBe(429)
    expect(await signIn(TECHNICIAN)).toMatch(/^\?code=/)
  })

  /** Up to the consent page, which is not answered. */
  async function signInFor(browser: Browser, email: string): Promise<void> {
    const page = await browser.open(authorizeUrl(world, client))
    const button = page.html.querySelector(`button[name="user"][value="${email}"]`)
    const form = button?.closest('form')
    if (form === null || form === undefined) throw new Error('no sign-in page')
    await browser.submit(page, form, { user: email })
  }
})
