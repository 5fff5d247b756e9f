import { parse } from 'node-html-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser } from '../../src/dev/walk/browser.ts'
import {
  authorizeUrl,
  CALLBACK,
  decide,
  obtainCode,
  openConsent,
  redeem,
  registerClient,
  CODE,
} from '../support/oauth/oauth-client.ts'
import { type Answer, PageClient } from '../support/browser/page-client.ts'
import { PLANNER, type PortalWorld, startPortalWorld, TECHNICIAN } from '../support/portal-world.ts'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
afterAll(async () => world.close())

/** A signed-in person before the consent page, with every header in the test's hands. */
async function atConsent(email = PLANNER, person = new PageClient()) {
  const client = await registerClient(world)
  const first = await person.visit(authorizeUrl(world, client))
  const page =
    parse(first.text).querySelector('button[name="user"]') === null
      ? first
      : await signIn(person, first, email)
  expect(page.status).toBe(200)
  return { person, client, page, form: consentForm(page) }
}

async function signIn(person: PageClient, page: Answer, email: string) {
  const fields = parse(page.text)
    .querySelectorAll('input[type="hidden"]')
    .map((input): [string, string] => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''])
  return person.submit(page.url, { ...Object.fromEntries(fields), user: email })
}

function consentForm(page: Answer): Record<string, string> {
  const html = parse(page.text)
  const value = (name: string) => html.querySelector(`input[name="${name}"]`)?.getAttribute('value') ?? ''
  return { txn: value('txn'), form: value('form'), env: value('env'), decision: 'approve' }
}

const post = (
  person: PageClient,
  form: Record<string, string>,
  headers: Record<string, string | null> = {},
) => person.send('POST', `${world.portalUrl}/oauth/decision`, { form, headers })

/** Nobody was sent to the client, with a code or without. */
const expectNothing = (answer: Answer, status: number) => {
  expect(answer.status).toBe(status)
  expect(answer.headers['location']).toBeUndefined()
  expect(answer.text).not.toContain('http-equiv="refresh"')
  expect(answer.text).not.toContain('code=')
}

const goesTo = (answer: Answer): URL => {
  const html = parse(answer.text)
  const refresh = html.querySelector('meta[http-equiv="refresh"]')?.getAttribute('content') ?? ''
  const address = /^0; url=(.+)$/.exec(refresh)?.[1] ?? ''
  expect(html.querySelector('#continue')?.getAttribute('href')).toBe(address)
  return new URL(address)
}

describe('the answer to the form', () => {
  test('is a 200 page that goes on by itself and shows the same address as a link (T-58)', async () => {
    const { person, form } = await atConsent()
    const answer = await post(person, form)
    expect(answer.status).toBe(200)
    const address = goesTo(answer)
    expect(`${address.origin}${address.pathname}`).toBe(CALLBACK)
    expect(address.searchParams.get('state')).toBe('state-1')
    expect(address.searchParams.get('iss')).toBe(world.portalUrl)
    expect(address.searchParams.get('code')).toMatch(CODE)
  })

  test('of a no carries access_denied, state and issuer, and no code', async () => {
    const { person, form } = await atConsent()
    const address = goesTo(await post(person, { ...form, decision: 'deny' }))
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      error: 'access_denied',
      state: 'state-1',
      iss: world.portalUrl,
    })
    expect(address.searchParams.has('code')).toBe(false)
  })

  test.each(['', 'yes', 'APPROVE'])('to the decision %j is a no', async (decision) => {
    const { person, form } = await atConsent()
    expect(goesTo(await post(person, { ...form, decision })).searchParams.get('error')).toBe('access_denied')
  })
})

describe('T-47: a decision counts only as our own form, in its browser, in its session, once', () => {
  test.each([
    ['another origin', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    [
      'another origin, from a browser that does not say',
      { origin: 'https://evil.example', 'sec-fetch-site': null },
    ],
    ['no origin', { origin: null }],
    ['the origin null', { origin: 'null' }],
    ['the MCP server’s origin', { origin: 'MCP' }],
    ['a sister site', { 'sec-fetch-site': 'same-site' }],
    ['a cross-site form', { 'sec-fetch-site': 'cross-site' }],
    ['an address typed by hand', { 'sec-fetch-site': 'none' }],
  ])('%s is refused', async (_what, headers: Record<string, string | null>) => {
    const { person, form } = await atConsent()
    const bent = headers['origin'] === 'MCP' ? { origin: world.mcpUrl } : headers
    expectNothing(await post(person, form, bent), 403)
    expect(goesTo(await post(person, form)).searchParams.get('code')).toMatch(CODE)
  })

  test('an older browser, which sends no Sec-Fetch-Site, is fine', async () => {
    const { person, form } = await atConsent()
    expect(goesTo(await post(person, form, { 'sec-fetch-site': null })).searchParams.get('code')).toMatch(
      CODE,
    )
  })

  test.each([
    ['no form token', { form: '' }],
    ['an invented form token', { form: 'A'.repeat(43) }],
  ])('%s is refused', async (_what, bend) => {
    const { person, form } = await atConsent()
    expectNothing(await post(person, { ...form, ...bend }), 403)
  })

  test('the form token of another transaction of the same person is refused', async () => {
    const person = new PageClient()
    const [one, two] = [await atConsent(PLANNER, person), await atConsent(PLANNER, person)]
    expectNothing(await post(person, { ...one.form, form: two.form['form'] ?? '' }), 403)
    expect(goesTo(await post(person, one.form)).searchParams.get('code')).toMatch(CODE)
    expect(goesTo(await post(person, two.form)).searchParams.get('code')).toMatch(CODE)
  })

  test('without the browser’s cookie it is refused', async () => {
    const { person, form } = await atConsent()
    const cookie = (await person.jar.getCookieString(world.portalUrl)).replace(/__Host-mx_txn=[^;]*;? ?/, '')
    expectNothing(await post(person, form, { cookie }), 403)
  })

  test('with a second, planted cookie of the same name it is refused', async () => {
    const { person, form } = await atConsent()
    const cookie = await person.jar.getCookieString(world.portalUrl)
    expectNothing(await post(person, form, { cookie: `${cookie}; __Host-mx_txn=${'A'.repeat(43)}` }), 403)
  })

  test('another signed-in person cannot answer it, nor see it', async () => {
    const { form } = await atConsent(PLANNER)
    const other = await atConsent(TECHNICIAN)
    expectNothing(await post(other.person, form), 403)
    const peek = await other.person.send('GET', `${world.portalUrl}/oauth/consent?txn=${form['txn'] ?? ''}`)
    expect(peek.status).toBe(403)
  })

  test('the same transaction twice does not work, also at once', async () => {
    const { person, form } = await atConsent()
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(person, form)))
    const [won, ...more] = answers.filter(({ status }) => status === 200)
    expect(goesTo(won!).searchParams.get('code')).toMatch(CODE)
    expect(more).toHaveLength(0)
    expectNothing(await post(person, form), 410)
  })

  test('after ten minutes it is over', async () => {
    const { person, form } = await atConsent()
    world.clock.advance(601_000)
    const late = await person.send('GET', `${world.portalUrl}/oauth/consent?txn=${form['txn'] ?? ''}`)
    world.clock.reset()
    expect(late.status).toBe(410)
  })

  test.each([
    ['another person’s environment', 'AAAAAAAAAAAAAAAAAAAAAA'],
    ['none', ''],
  ])('%s cannot be chosen, and the request stays open', async (_what, env) => {
    const { person, form } = await atConsent()
    expectNothing(await post(person, { ...form, env }), 422)
    expect(goesTo(await post(person, form)).searchParams.get('code')).toMatch(CODE)
  })

  test.each([
    ['as JSON', 'application/json', '{}'],
    ['as text', 'text/plain', 'decision=approve'],
    ['as multipart', 'multipart/form-data; boundary=x', '--x--'],
  ])('%s it is not read', async (_what, type, body) => {
    const { person } = await atConsent()
    const { request } = await import('undici')
    const answer = await request(`${world.portalUrl}/oauth/decision`, {
      method: 'POST',
      headers: {
        cookie: await person.jar.getCookieString(world.portalUrl),
        origin: world.portalUrl,
        'sec-fetch-site': 'same-origin',
        'content-type': type,
      },
      body,
    })
    await answer.body.text()
    expect([403, 410, 415]).toContain(answer.statusCode)
  })
})

describe('T-50: consent is asked for every time', () => {
  test('the same person, client and environment see the page again, with nothing decided', async () => {
    const client = await registerClient(world)
    const browser = new Browser({ stopAt: CALLBACK })
    await redeem(world, client, await obtainCode(world, client, { browser }))
    const { page } = await openConsent(world, client, { browser })
    expect(page.html.querySelector('#approve')).not.toBeNull()
    expect(page.url).toContain('/oauth/consent')
  })
})

describe('T-49: what a client says of itself is shown as what it is', () => {
  const shown = async (metadata: object, bend = {}) => {
    const client = await registerClient(world, metadata)
    return (await openConsent(world, client, { bend })).page
  }

  test('the host is large, the name is quoted and unverified', async () => {
    const page = await shown(
      { client_name: 'Claude', redirect_uris: ['https://evil.example/cb'] },
      { redirect_uri: 'https://evil.example/cb' },
    )
    expect(page.html.querySelector('#redirect-host')?.text.trim()).toBe('evil.example')
    expect(page.html.querySelector('main')?.text).toContain('“Claude”')
    expect(page.html.querySelector('main')?.text).toContain('Unverified client')
  })

  test.each([
    ['\u202Eedualc', 'edualc'],
    ['Claude\u200B\u200C\u200D Code', 'Claude Code'],
    ['Claude\r\n\r\nApproved by IBM', 'Claude Approved by IBM'],
    [`Claude${'!'.repeat(500)}`, `Claude${'!'.repeat(54)}`],
  ])('the name %j is shown as %j', async (name, expected) => {
    const page = await shown({ client_name: name })
    expect(page.html.querySelector('main')?.text).toContain(`“${expected}”`)
  })

  test('markup in a name is text', async () => {
    const page = await shown({ client_name: '<img src=x onerror=alert(1)></bdi><script>alert(1)</script>' })
    expect(page.html.querySelectorAll('script, img')).toHaveLength(0)
    expect(page.body).toContain('&lt;img src=x onerror=alert(1)>')
  })

  test('a program on this computer is named as such', async () => {
    const page = await shown({})
    expect(page.html.querySelector('main')?.text).toContain('a program on this computer')
  })

  test('environment, account, resource and scope are all there', async () => {
    const text = (await shown({})).html.querySelector('main')?.text ?? ''
    for (const part of ['demo', PLANNER, `${world.mcpUrl}/mcp`, 'work orders']) expect(text).toContain(part)
  })
})

describe('an address that names an environment', () => {
  test('offers that one alone, and an environment of nobody offers none', async () => {
    const client = await registerClient(world)
    const open = await openConsent(world, client)
    const env = open.page.html.querySelector('input[name="env"]')?.getAttribute('value') ?? ''
    const named = await openConsent(world, client, { bend: { resource: `${world.mcpUrl}/mcp/${env}` } })
    expect(named.page.html.querySelectorAll('input[name="env"]')).toHaveLength(1)
    const foreign = { resource: `${world.mcpUrl}/mcp/AAAAAAAAAAAAAAAAAAAAAA` }
    const none = await openConsent(world, client, { bend: foreign, browser: open.browser })
    expect(none.page.html.querySelector('#approve')).toBeNull()
    expect(none.page.html.querySelector('main a[href^="/environments?next="]')).not.toBeNull()
    const denied = await decide(none.browser, none.page, 'deny')
    expect(new URL(denied.url).searchParams.get('error')).toBe('access_denied')
  })
})

describe('the MCP server is silent', () => {
  test('nothing is granted, the request stays open, and the second try works', async () => {
    const { person, form } = await atConsent()
    await world.stopMcp()
    const silent = await post(person, form)
    await world.startMcp()
    expectNothing(silent, 503)
    expect(
      parse(silent.text).querySelector(`main a[href="/oauth/consent?txn=${form['txn'] ?? ''}"]`),
    ).not.toBeNull()
    expect(goesTo(await post(person, form)).searchParams.get('code')).toMatch(CODE)
  })
})
