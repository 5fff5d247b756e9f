import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import { readClientGrant, writeClientGrant } from '../../../src/maximo/credentials/credential.ts'
import { checkTokenUrl } from '../../../src/maximo/egress/rules.ts'
import { manualClock } from '../../support/clock.ts'
import { aCall, clientFor, faultOf, maximoFor, scriptedMaximo, sendJson } from './support/scripted-maximo.ts'

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

interface Provider {
  /** Answers of the token endpoint, the last one for good. */
  readonly answers: readonly { readonly status?: number; readonly body: unknown }[]
  /** Tokens that Maximo takes; all without it. */
  readonly taken?: ReadonlySet<string>
}

/** A Maximo and its identity provider at one address: `/idp/token`, everything else is Maximo's. */
async function withProvider({ answers, taken }: Provider) {
  const asked: { readonly form: Record<string, string>; readonly authorization: string | undefined }[] = []
  const bearers: (string | undefined)[] = []
  const maximo = await scriptedMaximo((request, response) => {
    if (request.url !== '/idp/token') {
      bearers.push(request.headers.authorization)
      const token = request.headers.authorization?.slice('Bearer '.length) ?? ''
      if (taken?.has(token) === false)
        sendJson(response, { Error: { reasonCode: 'BMXAA0021E', statusCode: '401' } }, 401)
      else sendJson(response, { userName: 'WILSON' })
      return
    }
    void bodyOf(request).then((form) => {
      asked.push({ form: Object.fromEntries(form), authorization: request.headers.authorization })
      const { status = 200, body } = answers[Math.min(asked.length, answers.length) - 1] ?? { body: {} }
      sendJson(response, body, status)
    })
  })
  const tokenUrl = `http://127.0.0.1:${maximo.port}/idp/token`
  return { maximo, asked, bearers, tokenUrl }
}

const issued = (token: string, more: object = {}) => ({
  body: { access_token: token, token_type: 'Bearer', expires_in: 300, ...more },
})
const oauthGrant = (t: string) => writeClientGrant({ t, i: 'maximo mcp', s: 'p@ss:word', scope: 'manage' })

describe('a credential that says the same each time', () => {
  test.each([
    ['apikey', 'key-1', { apikey: 'key-1' }, '/maximo/api/'],
    ['maxauth', 'wilson:secret', { maxauth: 'd2lsc29uOnNlY3JldA==' }, '/maximo/oslc/'],
    ['basic', 'wilson:sécret', { authorization: 'Basic d2lsc29uOnPDqWNyZXQ=' }, '/maximo/oslc/'],
  ] as const)(
    '%s is its header, on its mapping, and nothing else',
    async (method, credential, headers, root) => {
      const maximo = await scriptedMaximo((_, response) => sendJson(response, { userName: 'WILSON' }))
      await clientFor(maximo.baseUrl, { method, credential }).whoAmI(aCall())
      const [seen] = maximo.seen
      expect(seen?.line).toContain(`GET ${root}whoami`)
      expect(seen?.headers).toMatchObject(headers)
      const proofs = ['apikey', 'maxauth', 'authorization', 'cookie'].filter(
        (name) => name in (seen?.headers ?? {}),
      )
      expect(proofs).toEqual(Object.keys(headers))
    },
  )
})

describe('an OAuth client', () => {
  test('obtains one bearer for many calls at once, with Basic authentication of form-encoded halves', async () => {
    const { maximo, asked, bearers, tokenUrl } = await withProvider({ answers: [issued('t1')] })
    const client = clientFor(maximo.baseUrl, { method: 'oauth', credential: oauthGrant(tokenUrl) })
    await Promise.all([1, 2, 3, 4].map(() => client.whoAmI(aCall())))
    expect(asked).toEqual([
      {
        form: { grant_type: 'client_credentials', scope: 'manage' },
        authorization: `Basic ${Buffer.from('maximo+mcp:p%40ss%3Aword').toString('base64')}`,
      },
    ])
    expect(new Set(bearers)).toEqual(new Set(['Bearer t1']))
  })

  test('obtains another shortly before the first ends', async () => {
    const { maximo, asked, bearers, tokenUrl } = await withProvider({ answers: [issued('t1'), issued('t2')] })
    const clock = manualClock()
    const client = clientFor(maximo.baseUrl, {
      method: 'oauth',
      credential: oauthGrant(tokenUrl),
      egress: { clock },
    })
    await client.whoAmI(aCall())
    clock.advance(269_000)
    await client.whoAmI(aCall())
    expect(asked).toHaveLength(1)
    clock.advance(2_000)
    await client.whoAmI(aCall())
    expect(bearers).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2'])
  })

  test('whose bearer was withdrawn obtains one more, once', async () => {
    const answers = [issued('t1'), issued('t2')]
    const { maximo, asked, bearers, tokenUrl } = await withProvider({ answers, taken: new Set(['t2']) })
    const client = clientFor(maximo.baseUrl, { method: 'oauth', credential: oauthGrant(tokenUrl) })
    expect(await client.whoAmI(aCall())).toMatchObject({ userName: 'WILSON' })
    expect(bearers).toEqual(['Bearer t1', 'Bearer t2'])
    expect(asked).toHaveLength(2)
  })

  test('whose bearer was withdrawn sends a text once more under the next one, a file not', async () => {
    const answers = [issued('t1'), issued('t2')]
    const { maximo, bearers, tokenUrl } = await withProvider({ answers, taken: new Set(['t2']) })
    const granted = maximoFor(maximo.baseUrl, { method: 'oauth', credential: oauthGrant(tokenUrl) })
    const ref = { objectStructure: 'MXAPIWODETAIL', id: '_U0lNU0lURS8yMDA5' }
    const update = { ...ref, rowstamp: '1', values: { description: 'x' } }
    expect(await granted.writer.update(update, aCall())).toMatchObject({ kind: 'done' })
    expect(bearers.slice(0, 2)).toEqual(['Bearer t1', 'Bearer t2'])
    const refused = await withProvider({ answers, taken: new Set(['t2']) })
    const { writer } = maximoFor(refused.maximo.baseUrl, {
      method: 'oauth',
      credential: oauthGrant(refused.tokenUrl),
    })
    const file = {
      name: 'a',
      mediaType: 'text/plain',
      bytes: Readable.from([Buffer.from('x')]),
      sizeBytes: 1,
    }
    expect((await faultOf(writer.attach({ ...ref, file }, aCall()))).kind).toBe('credentials_rejected')
    expect(refused.bearers).toEqual(['Bearer t1'])
  })

  test('that Maximo refuses with every bearer is a refused credential, after two calls', async () => {
    const { maximo, bearers, tokenUrl } = await withProvider({
      answers: [issued('t1'), issued('t2'), issued('t3')],
      taken: new Set(),
    })
    const client = clientFor(maximo.baseUrl, { method: 'oauth', credential: oauthGrant(tokenUrl) })
    expect(await faultOf(client.whoAmI(aCall()))).toMatchObject({ kind: 'credentials_rejected' })
    expect(bearers).toHaveLength(2)
  })

  test.each([
    ['says no', { status: 401, body: { error: 'invalid_client' } }, 'credentials_rejected'],
    ['says the grant is over', { status: 400, body: { error: 'invalid_grant' } }, 'credentials_rejected'],
    ['is unwell', { status: 503, body: {} }, 'unavailable'],
    ['answers without a token', { body: { token_type: 'Bearer' } }, 'bad_upstream'],
    ['answers with another kind of token', issued('t', { token_type: 'DPoP' }), 'bad_upstream'],
    ['answers a page', { body: '<html>Sign in</html>' }, 'bad_upstream'],
    ['answers a token that is no header', issued('a\r\nx: y'), 'credentials_rejected'],
    ['answers a redirect', { status: 302, body: {} }, 'bad_upstream'],
    ['answers more than 64 KB', issued('t', { junk: 'x'.repeat(70_000) }), 'too_large'],
  ])('whose provider %s: nothing reaches Maximo', async (_name, answer, kind) => {
    const { maximo, bearers, tokenUrl } = await withProvider({ answers: [answer] })
    const client = clientFor(maximo.baseUrl, { method: 'oauth', credential: oauthGrant(tokenUrl) })
    expect(await faultOf(client.whoAmI(aCall()))).toMatchObject({ kind })
    expect(bearers).toEqual([])
  })

  test('whose provider failed is asked again by the next call', async () => {
    const answers = [{ status: 503, body: {} }, issued('t1')]
    const { maximo, tokenUrl } = await withProvider({ answers })
    const client = clientFor(maximo.baseUrl, { method: 'oauth', credential: oauthGrant(tokenUrl) })
    await faultOf(client.whoAmI(aCall()))
    expect(await client.whoAmI(aCall())).toMatchObject({ userName: 'WILSON' })
  })

  test('whose caller gives up leaves the bearer to the others', async () => {
    const { maximo, asked, tokenUrl } = await withProvider({ answers: [issued('t1')] })
    const client = clientFor(maximo.baseUrl, { method: 'oauth', credential: oauthGrant(tokenUrl) })
    const gone = new AbortController()
    const given = client.whoAmI(aCall(gone.signal))
    const other = client.whoAmI(aCall())
    gone.abort(new Error('gone'))
    await expect(given).rejects.toThrow('gone')
    expect(await other).toMatchObject({ userName: 'WILSON' })
    expect(asked).toHaveLength(1)
  })

  test('with a provider that the rules forbid sends nothing', async () => {
    const { maximo, bearers } = await withProvider({ answers: [issued('t1')] })
    const credential = oauthGrant('http://169.254.169.254/latest/token')
    const client = clientFor(maximo.baseUrl, { method: 'oauth', credential })
    expect(await faultOf(client.whoAmI(aCall()))).toMatchObject({ kind: 'egress_refused' })
    expect(bearers).toEqual([])
  })
})

describe('an OIDC refresh token', () => {
  const oidcGrant = (t: string) => writeClientGrant({ t, i: 'public-client', r: 'refresh-1' })

  test('of a public client obtains a bearer', async () => {
    const { maximo, asked, tokenUrl } = await withProvider({ answers: [issued('t1')] })
    const onReplaced = vi.fn(async () => undefined)
    await clientFor(maximo.baseUrl, { method: 'oidc', credential: oidcGrant(tokenUrl), onReplaced }).whoAmI(
      aCall(),
    )
    expect(asked[0]).toEqual({
      form: { grant_type: 'refresh_token', refresh_token: 'refresh-1', client_id: 'public-client' },
      authorization: undefined,
    })
    expect(onReplaced).not.toHaveBeenCalled()
  })

  test('that the provider replaces is kept before the bearer is used, and is the one shown next', async () => {
    const answers = [issued('t1', { refresh_token: 'refresh-2' }), issued('t2')]
    const { maximo, asked, bearers, tokenUrl } = await withProvider({ answers })
    const clock = manualClock()
    const onReplaced = vi.fn(async (credential: string) => {
      expect(bearers).toEqual([])
      expect(readClientGrant('oidc', credential)).toMatchObject({ ok: true, value: { r: 'refresh-2' } })
    })
    const options = {
      method: 'oidc',
      credential: oidcGrant(tokenUrl),
      onReplaced,
      egress: { clock },
    } as const
    const client = clientFor(maximo.baseUrl, options)
    await client.whoAmI(aCall())
    clock.advance(400_000)
    await client.whoAmI(aCall())
    expect(onReplaced).toHaveBeenCalledOnce()
    expect(asked.map(({ form }) => form['refresh_token'])).toEqual(['refresh-1', 'refresh-2'])
  })

  test('that cannot be kept stops the call', async () => {
    const { maximo, bearers, tokenUrl } = await withProvider({
      answers: [issued('t', { refresh_token: 'r2' })],
    })
    const onReplaced = () => Promise.reject(new Error('disk full'))
    const client = clientFor(maximo.baseUrl, { method: 'oidc', credential: oidcGrant(tokenUrl), onReplaced })
    await expect(client.whoAmI(aCall())).rejects.toThrow('disk full')
    expect(bearers).toEqual([])
  })
})

describe('what obtains a bearer', () => {
  test.each([
    ['oauth', { t: 'https://a.example/t', i: 'c' }],
    ['oauth', { t: 'https://a.example/t', i: 'c', s: 's', r: 'r' }],
    ['oidc', { t: 'https://a.example/t', i: 'c', s: 's' }],
    ['oidc', { t: 'https://a.example/t', i: 'c', r: 'r', x: 1 }],
  ] as const)('%s refuses %j', (method, grant) => {
    expect(readClientGrant(method, JSON.stringify(grant)).ok).toBe(false)
    expect(() =>
      clientFor('http://127.0.0.1:9999/maximo', { method, credential: JSON.stringify(grant) }),
    ).toThrow(expect.objectContaining({ kind: 'credentials_rejected' }))
  })

  test.each([
    'https://login.example.com/realms/plant/protocol/openid-connect/token',
    'https://login.example.com/7f1c/oauth2/v2.0/token',
  ])('%s is an address of a token endpoint', (url) => {
    expect(checkTokenUrl(url, { allowCidrs: [], allowLoopbackHttp: false })).toMatchObject({ ok: true })
  })

  test.each([
    'https://login.example.com/a/../token',
    'https://login.example.com/./token',
    'https://login.example.com/token?x=1',
    'https://login.example.com',
    'https://user@login.example.com/token',
    'https://10.0.0.1/token',
    'http://login.example.com/token',
  ])('%s is none', (url) => {
    expect(checkTokenUrl(url, { allowCidrs: [], allowLoopbackHttp: false })).toMatchObject({ ok: false })
  })
})
