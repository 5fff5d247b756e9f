import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser, type Page } from '../../src/dev/walk/browser.ts'
import { formTo } from '../../src/dev/walk/forms.ts'
import { openSignedIn } from '../../src/dev/walk/sign-in.ts'
import {
  callTool,
  createToken,
  openTokenForm,
  sendTokenForm,
  tokenOn,
  tokenRow,
} from '../support/oauth/automation.ts'
import {
  askPortal,
  PLANNER,
  type PortalWorld,
  startPortalWorld,
  TECHNICIAN,
} from '../support/portal-world.ts'

const ADMIN = 'admin@example.com'
let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
afterAll(async () => world.close())

const heading = (page: Page) => page.html.querySelector('h1')?.text.trim()
const valueOf = (page: Page, name: string) =>
  page.html.querySelector(`[name="${name}"]`)?.getAttribute('value')
const checkedOf = (page: Page, name: string) =>
  page.html.querySelector(`input[name="${name}"][checked]`)?.getAttribute('value')
const wrongOn = (page: Page, field: string) => page.html.querySelector(`#${field}-problem`)?.text ?? ''

describe('making a token', () => {
  test('it is shown once, works, and stands on the list with its limits and its last use', async () => {
    const browser = new Browser()
    const made = await sendTokenForm(browser, await openTokenForm(browser, world, PLANNER), {
      name: 'nightly report',
      objects: 'reporting',
      prf: 'reporting',
      rsk: 'medium',
      life: '90',
      net1: '127.0.0.1/8',
      net2: '::1',
    })
    expect(made.status).toBe(200)
    expect(made.headers['cache-control']).toBe('no-store')
    const token = tokenOn(made)
    expect(token).toMatch(/^mxci_[A-Za-z0-9_-]{6}_eyJ/)
    expect(token.length).toBeLessThanOrEqual(2_700)
    expect((await tokenRow(browser, world, 'nightly report')).row?.text).toContain('not used yet')
    expect((await callTool(token, world)).status).toBe(200)
    const { row, list, state } = await tokenRow(browser, world, 'nightly report')
    expect(state).toBe('live')
    const words = row?.text ?? ''
    for (const fact of [
      'reporting, version 1',
      '127.0.0.0/8, ::1/128',
      'risk medium',
      '30 calls a minute',
      'from 127.0.0.1: get_context',
    ])
      expect(words).toContain(fact)
    expect(list.body).not.toContain(token.slice(20, 60))
  })

  test('nothing of it stays: not in the journal, the audit log, the store or a page', async () => {
    const token = await createToken(new Browser(), world, { email: PLANNER, name: 'secret keeper' })
    for (const folder of ['portal/journal', 'portal/audit', 'mcp/journal', 'mcp/audit'])
      for (const file of await readdir(join(world.dataDir, folder)))
        expect(await readFile(join(world.dataDir, folder, file), 'utf8')).not.toContain(token.slice(-60))
    expect(world.log.text()).not.toContain(token.slice(-60))
  })

  test('what is wrong is told at its field, all at once, and what was typed stays', async () => {
    const browser = new Browser()
    const form = await openTokenForm(browser, world, PLANNER)
    const again = await sendTokenForm(browser, form, {
      name: ' ',
      objects: 'own',
      object1: 'mx apiasset',
      object2: 'MXAPISR',
      access2: 'rw',
      net1: '10.0.0.0/99',
      life: 'soon',
    })
    expect(again.status).toBe(422)
    expect(wrongOn(again, 'name')).toContain('a name')
    expect(wrongOn(again, 'objects')).toContain('Row 1')
    expect(wrongOn(again, 'net')).toContain('Network 1')
    expect(wrongOn(again, 'life')).toContain('when the token ends')
    expect([valueOf(again, 'object1'), valueOf(again, 'net1')]).toEqual(['mx apiasset', '10.0.0.0/99'])
    expect(checkedOf(again, 'objects')).toBe('own')
    const made = await sendTokenForm(browser, again, {
      name: 'mended',
      object1: 'mxapiasset',
      net1: '',
      life: 'none',
    })
    expect(tokenOn(made)).not.toBe('')
    expect((await tokenRow(browser, world, 'mended')).row?.text).toContain(
      'MXAPIASSET (read), MXAPISR (read and write)',
    )
  })

  test.each([
    ['eight objects', 8, true],
    ['the same object twice', 2, false],
  ])('%s', async (_name, count, isFine) => {
    const browser = new Browser()
    const objects = Object.fromEntries(
      Array.from({ length: count }, (_one, index) => [
        `object${index + 1}`,
        isFine ? `MXAPIOBJECT${index}` : 'MXAPIASSET',
      ]),
    )
    const form = await openTokenForm(browser, world, PLANNER)
    const made = await sendTokenForm(browser, form, { objects: 'own', ...objects })
    expect([made.status, tokenOn(made) !== '']).toEqual(isFine ? [200, true] : [422, false])
  })

  test('objects for writing alone need a scope that writes', async () => {
    const browser = new Browser()
    const form = await openTokenForm(browser, world, PLANNER)
    for (const fill of [
      { objects: 'iot-ingest' },
      { objects: 'own', object1: 'MXAPIASSET', access1: 'w', object2: 'MXAPISR', access2: 'w' },
    ]) {
      const refused = await sendTokenForm(browser, form, { ...fill, 'scope.maximo:write': '' })
      expect([refused.status, wrongOn(refused, 'objects')]).toEqual([
        422,
        'These objects may only be written, and none of the chosen scopes writes.',
      ])
    }
  })

  test('what would be too long is refused, names its part, and lists no token', async () => {
    const browser = new Browser()
    const form = await openTokenForm(browser, world, PLANNER)
    const long: Record<string, string> = Object.fromEntries(
      Array.from({ length: 8 }, (_one, index) => [`object${index + 1}`, `${'X'.repeat(59)}${index}`]),
    )
    const rows = Array.from({ length: 8 }, (_one, index): [string, string] => [`access${index + 1}`, 'rw'])
    const host = '2001:db8:aaaa:bbbb:cccc:dddd:eeee'
    const nets = Object.fromEntries(
      [1, 2, 3, 4].map((one) => [`net${one}`, `${host}:${one}${one}${one}${one}`]),
    )
    const refused = await sendTokenForm(browser, form, {
      ...{ name: 'too long', objects: 'own', ...long, ...nets },
      ...Object.fromEntries(rows),
    })
    expect(refused.status).toBe(422)
    expect(wrongOn(refused, 'objects')).toContain('too long: the list of objects')
    expect((await tokenRow(browser, world, 'too long')).row).toBeUndefined()
  })

  test('a plan without the feature is told so', async () => {
    const browser = new Browser()
    const refused = await sendTokenForm(browser, await openTokenForm(browser, world, TECHNICIAN))
    expect([refused.status, heading(refused)]).toEqual([403, 'Your plan has no automation tokens'])
  })

  test('while the MCP server is silent none is made, and the page says so', async () => {
    const browser = new Browser()
    const form = await openTokenForm(browser, world, PLANNER)
    await world.stopMcp()
    const refused = await sendTokenForm(browser, form, { name: 'unanswered' })
    const list = await tokenRow(browser, world, 'unanswered')
    await world.startMcp()
    expect([refused.status, heading(refused)]).toEqual([503, 'The MCP server does not answer'])
    expect(list.row).toBeUndefined()
    expect(list.list.html.text).toContain('last uses are not shown')
  })
})

describe('a form makes one token', () => {
  test('sent twice, the second is refused', async () => {
    const browser = new Browser()
    const form = await openTokenForm(browser, world, PLANNER)
    expect(tokenOn(await sendTokenForm(browser, form))).not.toBe('')
    const again = await sendTokenForm(browser, form)
    expect([again.status, tokenOn(again)]).toEqual([410, ''])
  })

  test('of ten sent at once, one makes a token', async () => {
    const browser = new Browser()
    const form = await openTokenForm(browser, world, PLANNER)
    const answers = await Promise.all(Array.from({ length: 10 }, () => sendTokenForm(browser, form)))
    expect(answers.filter((answer) => tokenOn(answer) !== '')).toHaveLength(1)
  })

  test('that of another session, another form, or without its token is not ours', async () => {
    const [planner, admin] = [new Browser(), new Browser()]
    const form = await openTokenForm(planner, world, PLANNER)
    const theirs = await openTokenForm(admin, world, ADMIN)
    const stolen = { form: valueOf(form, 'form') ?? '', id: valueOf(form, 'id') ?? '' }
    for (const bend of [stolen, { form: 'x' }, { id: stolen.id }, { id: 'x' }])
      expect((await sendTokenForm(admin, theirs, bend)).status).toBe(403)
    expect(tokenOn(await sendTokenForm(admin, theirs))).not.toBe('')
  })

  test('a foreign page’s form is refused before anything is read', async () => {
    const answer = await askPortal(world, '/tokens/new', {
      form: { name: 'x' },
      headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    })
    expect(answer.status).toBe(403)
  })

  test('an environment of somebody else is not in one’s account', async () => {
    const [planner, admin] = [new Browser(), new Browser()]
    const theirs = valueOf(await openTokenForm(admin, world, ADMIN), 'env') ?? ''
    const form = await openTokenForm(planner, world, PLANNER)
    const refused = await sendTokenForm(planner, form, { env: theirs })
    expect([refused.status, wrongOn(refused, 'env')]).toEqual([
      422,
      'This environment is not in your account.',
    ])
  })
})

describe('a sign-in of more than ten minutes ago', () => {
  /** The form of somebody whose sign-in is too old; whoever signs in next is fresh. */
  const stalely = async (browser: Browser) => {
    world.standin.hooks.setFactorAge(PLANNER, 11)
    const form = await openTokenForm(browser, world, PLANNER)
    world.standin.hooks.setFactorAge(PLANNER, 0)
    return form
  }

  test('is asked for anew; the form comes back as it was typed, and makes its token', async () => {
    const browser = new Browser()
    const form = await stalely(browser)
    const asked = await sendTokenForm(browser, form, { name: 'typed before', objects: 'mobile', net1: '::1' })
    expect([asked.status, heading(asked)]).toEqual([403, 'Please sign in again'])
    const signIn = await browser.submit(asked, formTo(asked, '/tokens/sign-in-again'))
    expect(signIn.html.querySelector('button[name="user"]')).not.toBeNull()
    const again = await browser.submit(signIn, formTo(signIn, '/sign-in'), { user: PLANNER })
    expect(heading(again)).toBe('New automation token')
    expect([valueOf(again, 'name'), checkedOf(again, 'objects'), valueOf(again, 'net1')]).toEqual([
      'typed before',
      'mobile',
      '::1',
    ])
    const made = await browser.submit(again, formTo(again, '/tokens/new'))
    expect(tokenOn(made)).not.toBe('')
  })

  test('what one person typed is not shown to the next', async () => {
    const browser = new Browser()
    const form = await stalely(browser)
    const asked = await sendTokenForm(browser, form, { name: 'mine alone' })
    const signIn = await browser.submit(asked, formTo(asked, '/tokens/sign-in-again'))
    const other = await browser.submit(signIn, formTo(signIn, '/sign-in'), { user: ADMIN })
    expect([heading(other), valueOf(other, 'name')]).toEqual(['New automation token', ''])
  })
})

describe('rotating', () => {
  const rotate = async (browser: Browser, name: string, overlap: string) => {
    const { gid } = await tokenRow(browser, world, name)
    const page = await browser.open(`${world.portalUrl}/tokens/rotate?gid=${gid}`)
    return browser.submit(page, formTo(page, '/tokens/rotate'), { overlap })
  }

  test('gives a new token with the same limits; the old one lives for the overlap', async () => {
    const browser = new Browser()
    const old = await createToken(browser, world, { email: PLANNER, name: 'turning', objects: 'reporting' })
    const made = await rotate(browser, 'turning', '1h')
    expect(made.html.text).toContain('The old token ends in one hour.')
    const fresh = tokenOn(made)
    expect([(await callTool(old, world)).status, (await callTool(fresh, world)).status]).toEqual([200, 200])
    const list = (await tokenRow(browser, world, 'turning')).list.html.text
    expect(list).toContain('because it was replaced')
    world.clock.advance(3_601_000)
    try {
      expect((await callTool(old, world)).status).toBe(401)
      expect((await callTool(fresh, world)).status).toBe(200)
    } finally {
      world.clock.reset()
    }
  })

  test('at once: the old one is refused on its very next call', async () => {
    const browser = new Browser()
    const old = await createToken(browser, world, { email: PLANNER, name: 'turned' })
    const fresh = tokenOn(await rotate(browser, 'turned', '0'))
    expect([(await callTool(old, world)).status, (await callTool(fresh, world)).status]).toEqual([401, 200])
  })

  test('somebody else’s token is unknown, whether it is shown, rotated or ended', async () => {
    const [planner, admin] = [new Browser(), new Browser()]
    const token = await createToken(planner, world, { email: PLANNER, name: 'not yours' })
    const { gid } = await tokenRow(planner, world, 'not yours')
    await createToken(admin, world, { email: ADMIN, name: 'own' })
    expect((await admin.open(`${world.portalUrl}/tokens/rotate?gid=${gid}`)).status).toBe(404)
    const own = await tokenRow(admin, world, 'own')
    expect(own.list.html.text).not.toContain('not yours')
    const page = await admin.open(`${world.portalUrl}/tokens/rotate?gid=${own.gid}`)
    expect((await admin.submit(page, formTo(page, '/tokens/rotate'), { gid })).status).toBe(404)
    await admin.submit(own.list, formTo(own.list, '/tokens/revoke'), { gid })
    expect((await callTool(token, world)).status).toBe(200)
  })
})

describe('ending', () => {
  test('takes effect with the very next call, and the list says it', async () => {
    const browser = new Browser()
    const token = await createToken(browser, world, { email: PLANNER, name: 'to be ended' })
    expect((await callTool(token, world)).status).toBe(200)
    const { list, gid } = await tokenRow(browser, world, 'to be ended')
    await browser.submit(list, formTo(list, '/tokens/revoke', { gid }))
    expect((await callTool(token, world)).status).toBe(401)
    expect((await tokenRow(browser, world, 'to be ended')).state).toBe('enforced')
  })

  test('connections and tokens are two lists', async () => {
    const browser = new Browser()
    await createToken(browser, world, { email: PLANNER, name: 'only a token' })
    const connections = await openSignedIn(browser, `${world.portalUrl}/connections`, PLANNER)
    expect(connections.html.text).not.toContain('only a token')
  })
})

describe('a found token is ended by value', () => {
  const report = (token: string, more: object = {}) =>
    askPortal(world, '/tokens/report', { form: { token }, ...more })

  test('by anybody; its owner is told, and the answer says nothing', async () => {
    const browser = new Browser()
    const token = await createToken(browser, world, { email: PLANNER, name: 'leaked' })
    const ended = await report(token)
    const unknown = await report(`${token}x`)
    expect([ended.status, ended.body]).toEqual([200, { received: true }])
    expect([unknown.status, unknown.body]).toEqual([ended.status, ended.body])
    expect((await callTool(token, world)).status).toBe(401)
    const { row, list } = await tokenRow(browser, world, 'leaked')
    expect(row?.text).toContain('because somebody found the token and reported it')
    expect(list.html.querySelector('.note.bad')?.text).toContain(
      '“leaked” was disconnected: somebody found its token',
    )
  })

  test('the header of a token alone ends nothing', async () => {
    const token = await createToken(new Browser(), world, { email: PLANNER, name: 'head only' })
    await report(`${token.split('.')[0] ?? ''}.a.b.c.d`)
    expect((await callTool(token, world)).status).toBe(200)
  })

  test('JSON is understood too; without a token it is refused', async () => {
    const token = await createToken(new Browser(), world, { email: PLANNER, name: 'found by a scanner' })
    expect((await askPortal(world, '/tokens/report', { json: { token } })).status).toBe(200)
    expect((await callTool(token, world)).status).toBe(401)
    expect((await askPortal(world, '/tokens/report', { form: { other: 'x' } })).status).toBe(400)
  })

  test('a flood from one address is turned away, whatever it shows', async () => {
    const token = await createToken(new Browser(), world, { email: PLANNER, name: 'in a flood' })
    const answers = []
    for (let n = 0; n < 70; n += 1) answers.push(await report('mxci_nonsense'))
    const last = answers.at(-1)
    expect([last?.status, Number(last?.headers['retry-after']) > 0]).toEqual([429, true])
    expect(last?.headers['ratelimit-policy']).toBe('"reports";q=60;w=60')
    expect((await report(token)).status).toBe(429)
    expect((await callTool(token, world)).status).toBe(200)
  })
})
