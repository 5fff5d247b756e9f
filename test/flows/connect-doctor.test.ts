import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'node-html-parser'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { randomId } from '../../src/kernel/random.ts'
import { traceFilePath, writeLine } from '../../src/portal/traces/trace-lines.ts'
import { Browser, type Page } from '../../src/dev/walk/browser.ts'
import { openSignedIn } from '../../src/dev/walk/sign-in.ts'
import {
  askToken,
  authorizeUrl,
  CALLBACK,
  connectClient,
  decide,
  obtainCode,
  openConsent,
  redeem,
  refresh,
  registerClient,
} from '../support/oauth/oauth-client.ts'
import {
  askPortal,
  PLANNER,
  type PortalWorld,
  startPortalWorld,
  TECHNICIAN,
} from '../support/portal-world.ts'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
afterAll(async () => world.close())

const at = (path: string) => `${world.portalUrl}${path}`
const referenceOn = (page: Page) => parse(page.html.toString()).querySelector('.fine code')?.text ?? ''

/** What the operator's command says about a name. */
async function doctor(...names: readonly string[]) {
  const lines: string[] = []
  const out = { line: (text: string) => lines.push(text), problem: (text: string) => lines.push(text) }
  const code = await run(['doctor', 'connection', ...names, '--data', world.dataDir], {}, out)
  return { code, text: lines.join('\n') }
}

/** As {@link doctor}, of a step that may still be on its way to the disk. */
const diagnosed = (name: string, words = '') =>
  vi.waitFor(async () => {
    const told = await doctor(name)
    expect(told).toMatchObject({ code: 0, text: expect.stringContaining(words) })
    return told
  })

/** The newest attempt of a person, as the page shows it. */
async function newestAttempt(email = PLANNER) {
  const browser = new Browser({ stopAt: CALLBACK })
  const list = await openSignedIn(browser, at('/attempts'), email)
  const row = list.html.querySelector('[data-attempt]')
  const id = row?.getAttribute('data-attempt') ?? ''
  return { browser, row, id, page: await browser.open(at(`/attempts/${id}`)) }
}
const stepsOf = (page: Page) =>
  page.html
    .querySelectorAll('[data-outcome]')
    .map((step) => `${step.querySelector('h2')?.text}: ${step.getAttribute('data-outcome')}`)

describe('a login attempt', () => {
  test('that connects shows its owner every step from request to token', async () => {
    await connectClient(world)
    const { row, page } = await newestAttempt()
    expect(row?.getAttribute('data-state')).toBe('connected')
    expect(stepsOf(page)).toEqual([
      'Authorization request: passed',
      'Consent page shown: passed',
      'The owner’s answer: passed',
      'Exchange of the code for a token: passed',
    ])
    expect(page.html.text).toContain('redirect_uri')
    expect(page.html.text).toContain(CALLBACK)
    expect(page.html.text).toContain('maximo:read')
  })

  test('goes on with its refreshes: the first that passed, and every one that did not', async () => {
    const { client, refresh_token } = await connectClient(world)
    await refresh(world, client, refresh_token)
    await refresh(world, client, refresh_token)
    await refresh(world, client, refresh_token, { scope: 'maximo:read maximo:admin' })
    const { page } = await newestAttempt()
    expect(stepsOf(page).slice(4)).toEqual(['Refresh of the token: passed', 'Refresh of the token: refused'])
    expect(page.html.text).toContain('asked for more than the owner had allowed')
  })

  test('with another verifier says so to the owner of the code, and what to do', async () => {
    const client = await registerClient(world)
    const obtained = await obtainCode(world, client)
    await redeem(world, client, { ...obtained, verifier: 'w'.repeat(43) })
    const { row, page, id } = await newestAttempt()
    expect(row?.getAttribute('data-state')).toBe('stopped')
    expect(stepsOf(page).at(-1)).toBe('Exchange of the code for a token: refused')
    expect(page.html.text).toContain('code_verifier does not belong to the code_challenge')
    expect((await diagnosed(id)).text).toContain('verifier_mismatch')
  })

  test('to which the owner said no is told as such', async () => {
    const client = await registerClient(world)
    const { browser, page } = await openConsent(world, client)
    await decide(browser, page, 'deny')
    expect(stepsOf((await newestAttempt()).page).at(-1)).toBe('The owner’s answer: refused')
  })

  test('for which the MCP server was silent says so, not that anybody was refused', async () => {
    const client = await registerClient(world)
    const { browser, page } = await openConsent(world, client)
    await world.stopMcp()
    try {
      await decide(browser, page)
    } finally {
      await world.startMcp()
    }
    const attempt = await newestAttempt()
    expect(stepsOf(attempt.page).at(-1)).toBe('The owner’s answer: failed')
    expect(attempt.page.html.text).toContain('The MCP server did not answer')
  })

  test('outlives a restart of the portal, and its connection still leads to it', async () => {
    const { client, refresh_token } = await connectClient(world)
    const before = await newestAttempt()
    await world.restartPortal()
    await refresh(world, client, refresh_token)
    const after = await newestAttempt()
    expect(after.id).toBe(before.id)
    expect(stepsOf(after.page).at(-1)).toBe('Refresh of the token: passed')
  })
})

describe('what stops before anybody signed in', () => {
  test('is found by the reference of its error page: what was sent beside what was registered', async () => {
    const client = await registerClient(world)
    const browser = new Browser({ stopAt: CALLBACK })
    const refused = await browser.open(
      authorizeUrl(world, client, { redirect_uri: 'https://elsewhere.example/cb' }),
    )
    const reference = referenceOn(refused)
    expect(reference).toMatch(/^[\w-]{16}$/)

    const told = await diagnosed(reference)
    expect(told.text).toContain('redirect_uri_not_registered')
    expect(told.text).toContain('sent  redirect_uri: https://elsewhere.example/cb')
    expect(told.text).toContain(`here  redirect_uris registered: ${CALLBACK}`)

    await openSignedIn(browser, at('/attempts'), PLANNER)
    const found = await browser.open(at(`/attempts?reference=${reference}`))
    expect(stepsOf(found)).toEqual(['Authorization request: refused'])
  })

  test.each([
    { form: { grant_type: 'authorization_code', client_id: 'mxc_never' }, reason: 'client_unknown' },
    { form: { grant_type: 'password' }, reason: 'client_missing' },
  ])('at the token endpoint is found by X-Correlation-Id: $reason', async ({ form, reason }) => {
    const answer = await askToken(world, form)
    expect((await diagnosed(String(answer.headers['x-correlation-id']))).text).toContain(reason)
  })

  test('a refused registration is found, and says which address was wrong', async () => {
    const json = { redirect_uris: ['https://good.example/cb', 'http://evil.example/cb'] }
    const answer = await askPortal(world, '/oauth/register', { json })
    const told = await diagnosed(String(answer.headers['x-correlation-id']))
    expect(told.text).toContain('invalid_redirect_uri')
    expect(told.text).toContain('redirect_uris[1]')
  })
})

describe('a trace is nobody else’s', () => {
  test('another account sees neither list entry nor page, by id, reference or connection', async () => {
    await connectClient(world)
    const { id, page } = await newestAttempt(PLANNER)
    const reference = page.html.querySelector('dd code:only-of-type')?.text ?? ''
    const other = new Browser({ stopAt: CALLBACK })
    const list = await openSignedIn(other, at('/attempts'), TECHNICIAN)
    expect(list.html.toString()).not.toContain(id)
    for (const path of [`/attempts/${id}`, `/attempts?reference=${id}`, `/attempts?reference=${reference}`])
      expect((await other.open(at(path))).status).toBe(404)
  })

  test.each(['../../keys', '%2e%2e%2f', 'x'.repeat(60), 'AAAAAAAAAAAAAAAAAAAAAA'])(
    'an id that never was leads nowhere: %s',
    async (id) => {
      const browser = new Browser({ stopAt: CALLBACK })
      await openSignedIn(browser, at('/attempts'), PLANNER)
      expect((await browser.open(at(`/attempts/${id}`))).status).toBe(404)
    },
  )

  test('nobody sees it without signing in', async () => {
    const { id } = await newestAttempt()
    for (const path of ['/attempts', `/attempts/${id}`])
      expect((await askPortal(world, path)).status).toBe(403)
  })
})

test('no trace holds a secret, whatever a client sent and in whichever field', async () => {
  const client = await registerClient(world, { token_endpoint_auth_method: 'client_secret_post' })
  const { code, verifier } = await obtainCode(world, client)
  const sent = { client_secret: client.secret, code, code_verifier: verifier }
  const answer = await redeem(
    world,
    client,
    { code, verifier },
    { ...sent, scope: `maximo:read ${verifier}` },
  )
  const { access_token = '', refresh_token = '' } = answer.body as Record<string, string>
  await askToken(
    world,
    { grant_type: 'refresh_token', client_id: client.id, scope: access_token, x: refresh_token },
    { authorization: `Bearer ${access_token}`, 'user-agent': `agent ${refresh_token}` },
  )
  await diagnosed(client.id, 'client_secret: (47 characters)')
  const folder = join(world.dataDir, 'portal', 'traces')
  const all = (
    await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
  ).join()
  for (const secret of [client.secret ?? '', code, verifier, access_token, refresh_token]) {
    expect(secret.length).toBeGreaterThan(40)
    expect(all).not.toContain(secret)
    expect(all).not.toContain(secret.slice(5, 45))
  }
})

describe('the command', () => {
  test('takes an id that begins like an option', async () => {
    const step = { atMs: Date.now(), step: 'exchange', outcome: 'refused', reason: 'code_unknown' } as const
    const from = { reference: '-BcDeFgHiJkLmNoP', address: '192.0.2.1', userAgent: null, sent: {}, known: {} }
    const ofAnotherPortal = traceFilePath(join(world.dataDir, 'portal', 'traces'), 'portal-2')
    await writeFile(ofAnotherPortal, writeLine({ id: randomId(), step: { ...step, ...from } }))
    expect((await doctor(from.reference)).text).toContain('code_unknown')
  })

  test('without an id lists the newest; an unknown name and wrong usage say so', async () => {
    expect(await doctor()).toMatchObject({ code: 0 })
    expect((await doctor('nothing-of-this-name')).code).toBe(66)
    expect((await doctor('one', 'two')).code).toBe(64)
    expect((await doctor('--never')).code).toBe(64)
  })
})
