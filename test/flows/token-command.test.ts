import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runToken } from '../../src/cli/token.ts'
import { Browser, type Page } from '../../src/dev/walk/browser.ts'
import { formTo } from '../../src/dev/walk/forms.ts'
import { openSignedIn } from '../../src/dev/walk/sign-in.ts'
import { callTool, sendTokenForm, tokenRow } from '../support/oauth/automation.ts'
import { askPortal, PLANNER, type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld()
})
afterAll(async () => world.close())

/** Runs the command; `at` is what its person does in the browser that it opens. */
async function command(args: readonly string[], at: (url: string) => Promise<unknown>) {
  const [lines, problems]: [string[], string[]] = [[], []]
  const visits: Promise<unknown>[] = []
  const code = await runToken(
    [...args, '--portal', world.portalUrl],
    {},
    { line: (text) => lines.push(text), problem: (text) => problems.push(text) },
    { openBrowser: (url) => visits.push(at(url)) },
  )
  await Promise.all(visits)
  return { code, lines, problems: problems.join('\n') }
}
const heading = (page: Page) => page.html.querySelector('h1')?.text.trim()

describe('maximo-mcp token create', () => {
  test('a login in the browser ends in the form, and the token comes to the terminal, once', async () => {
    const browser = new Browser()
    let last: Page | undefined
    const { code, lines, problems } = await command(['create'], async (url) => {
      const form = await openSignedIn(browser, url, PLANNER)
      expect(heading(form)).toBe('New automation token')
      expect(form.html.text).toContain('maximo-mcp token create')
      last = await sendTokenForm(browser, form, { name: 'from a terminal', objects: 'reporting' })
    })
    expect(code).toBe(0)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^mxci_/)
    expect(problems).not.toContain('mxci_')
    expect(last?.body).toContain('You can close this window')
    expect((await callTool(lines[0] ?? '', world)).status).toBe(200)
    expect((await tokenRow(browser, world, 'from a terminal')).state).toBe('live')
    expect(world.log.text()).not.toContain((lines[0] ?? '').slice(-60))
  })

  test('into a new file that only its owner can read, never over one that is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mx-token-'))
    const file = join(folder, 'token')
    const browser = new Browser()
    const make = async (url: string) =>
      sendTokenForm(browser, await openSignedIn(browser, url, PLANNER), { name: 'into a file' })
    const made = await command(['create', '--out', file], make)
    expect([made.code, made.lines]).toEqual([0, []])
    expect(await readFile(file, 'utf8')).toMatch(/^mxci_\S+\n$/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await writeFile(join(folder, 'taken'), 'mine')
    const refused = await command(['create', '--out', join(folder, 'taken')], make)
    expect([refused.code, refused.lines]).toEqual([1, []])
    expect(await readFile(join(folder, 'taken'), 'utf8')).toBe('mine')
  })

  test('a no in the browser is a no in the terminal', async () => {
    const browser = new Browser()
    const { code, lines, problems } = await command(['create'], async (url) => {
      const form = await openSignedIn(browser, url, PLANNER)
      await browser.submit(form, formTo(form, '/oauth/decision'), { decision: 'deny' })
    })
    expect([code, lines]).toEqual([1, []])
    expect(problems).toContain('the form was answered with no')
  })

  test('a yes at the consent endpoint instead of the form makes nothing', async () => {
    const browser = new Browser()
    const { code, problems } = await command(['create'], async (url) => {
      const form = await openSignedIn(browser, url, PLANNER)
      await browser.submit(form, formTo(form, '/oauth/decision'), { decision: 'approve', env: 'x' })
    })
    expect(code).toBe(1)
    expect(problems).toContain('No token was made')
  })

  test('nobody else on this computer can answer in the portal’s place', async () => {
    const browser = new Browser()
    const { code, lines } = await command(['create'], async (url) => {
      const callback = new URL(new URL(url).searchParams.get('redirect_uri') ?? '')
      for (const query of ['?code=x', '?code=x&state=guess', ''])
        expect((await request(`${callback.href}${query}`)).statusCode).toBe(404)
      await sendTokenForm(browser, await openSignedIn(browser, url, PLANNER), { name: 'not fooled' })
    })
    expect([code, lines.length]).toEqual([0, 1])
  })

  test('an answer of another server is refused', async () => {
    const { code, problems } = await command(['create'], async (url) => {
      const { searchParams } = new URL(url)
      const answer = new URLSearchParams({
        code: 'x',
        state: searchParams.get('state') ?? '',
        iss: 'https://evil.example',
      })
      await request(`${searchParams.get('redirect_uri') ?? ''}?${answer.toString()}`)
    })
    expect(code).toBe(1)
    expect(problems).toContain('another server')
  })

  test('a form that another browser opened is not answered', async () => {
    const elsewhere = new Browser()
    const browser = new Browser()
    const { code } = await command(['create'], async (url) => {
      const form = await openSignedIn(browser, url, PLANNER)
      const stolen = await openSignedIn(elsewhere, form.url, PLANNER)
      expect(stolen.status).toBe(410)
      await sendTokenForm(browser, form, { name: 'own browser' })
    })
    expect(code).toBe(0)
  })

  test('the code gives the token once; a second exchange ends it', async () => {
    const browser = new Browser({ stopAt: 'http://127.0.0.1:' })
    const verifier = 'v'.repeat(43)
    const query = new URLSearchParams({
      ...{ response_type: 'code', client_id: 'maximo-mcp-cli', redirect_uri: 'http://127.0.0.1:1/callback' },
      ...{ code_challenge: 'QdCvy8G3hpLmhdFGFuJVZkS5XP93o4grjIbmGM4LXDE', code_challenge_method: 'S256' },
    })
    const { createHash } = await import('node:crypto')
    query.set('code_challenge', createHash('sha256').update(verifier).digest('base64url'))
    const form = await openSignedIn(
      browser,
      `${world.portalUrl}/oauth/authorize?${query.toString()}`,
      PLANNER,
    )
    const back = await sendTokenForm(browser, form, { name: 'exchanged twice' })
    const code = new URL(back.url).searchParams.get('code') ?? ''
    const redeem = (bend = {}) =>
      askPortal(world, '/oauth/token', {
        form: {
          ...{ grant_type: 'authorization_code', client_id: 'maximo-mcp-cli', code, code_verifier: verifier },
          ...bend,
        },
      })
    expect((await redeem({ code_verifier: 'w'.repeat(43) })).status).toBe(400)
    const first = await redeem()
    expect(first.body).toMatchObject({ token_type: 'Bearer', scope: 'maximo:read' })
    expect(first.body).not.toHaveProperty('expires_in')
    expect(first.body).not.toHaveProperty('refresh_token')
    const { access_token: token } = first.body as { access_token: string }
    expect((await callTool(token, world)).status).toBe(200)
    expect((await redeem()).status).toBe(400)
    expect((await callTool(token, world)).status).toBe(401)
  })
})

describe('the other commands', () => {
  test.each(['list', 'rotate', 'revoke'])('token %s opens the page of tokens', async (name) => {
    const urls: string[] = []
    const { code, lines } = await command([name], async (url) => urls.push(url))
    expect([code, lines, urls]).toEqual([0, [], [`${world.portalUrl}/tokens`]])
  })

  test('without a browser the address stands on the terminal', async () => {
    const urls: string[] = []
    const { problems } = await command(['list', '--no-browser'], async (url) => urls.push(url))
    expect([urls, problems.includes(`${world.portalUrl}/tokens`)]).toEqual([[], true])
  })

  test.each([
    [[]],
    [['make']],
    [['list', 'x']],
    [['list', '--out', 'f']],
    [['create', '--portal', 'nowhere']],
  ])('%j is not understood', async (args) => {
    const problems: string[] = []
    const out = { line: () => undefined, problem: (text: string) => problems.push(text) }
    expect(await runToken(args, {}, out)).toBe(64)
    expect(problems.join()).toContain('maximo-mcp token create')
  })

  test('where there is no portal, it says so', async () => {
    const problems: string[] = []
    const out = { line: () => undefined, problem: (text: string) => problems.push(text) }
    expect(await runToken(['create', '--portal', 'http://127.0.0.1:9'], {}, out)).toBe(1)
    expect(problems.join()).toContain('does not answer')
  })
})
