import { afterEach, describe, expect, test } from 'vitest'
import { hiddenFields, PageClient } from '../support/browser/page-client.ts'
import { ageSession, signIn, startWorld, type World } from '../support/session-portal.ts'

const PLANNER = 'planner@example.com'

let world: World
afterEach(() => world.close())

describe('the same portal before a production instance', () => {
  test('a cold visit costs no redirect, and sign-in, renewal, late forms and sign-out work', async () => {
    world = await startWorld({ kind: 'production' })
    const client = new PageClient()
    expect(await client.visit(`${world.portal}/`)).toMatchObject({ text: 'anonymous', hops: [] })

    const page = await signIn(client, world, PLANNER)
    expect(page).toMatchObject({ status: 200, url: `${world.portal}/page` })
    expect(page.hops.join(' ')).not.toContain('__clerk')

    await ageSession(client, world, 120)
    expect(await client.visit(`${world.portal}/page`)).toMatchObject({ status: 200, hops: [] })

    await ageSession(client, world, 120)
    await client.setCookie(world.portal, `__refresh_${world.clerk.config.instance.cookieSuffix}`, null)
    const kept = await client.submit(`${world.portal}/fresh`, { note: 'kept' })
    expect(kept.text).toContain('send again')
    const sent = await client.submit(`${world.portal}/fresh`, hiddenFields(kept.text))
    expect(JSON.parse(sent.text)).toMatchObject({ body: { note: 'kept' }, pla: 'u:pro' })

    const out = await client.submit(`${world.portal}/sign-out`, {})
    expect(out).toMatchObject({ text: 'anonymous', url: `${world.portal}/` })
  })

  test('no address ever carries an identity', async () => {
    world = await startWorld({ kind: 'production' })
    const client = new PageClient()
    const first = await client.visit(`${world.portal}/page`)
    const chosen = await client.send('POST', first.url, {
      form: { ...hiddenFields(first.text), user: PLANNER },
    })
    expect(chosen.headers['location']).toBe(`${world.portal}/page`)
    const start = await client.send('GET', `${world.portal}/page`)
    const back = await client.send('GET', String(start.headers['location']))
    expect(back.headers['location']).toBe(`${world.portal}/page`)
  })
})

test('a handshake that answers with a signed token instead of a nonce works as well', async () => {
  world = await startWorld({ handshake: 'token' })
  const client = new PageClient()
  expect(await signIn(client, world, PLANNER)).toMatchObject({ status: 200, url: `${world.portal}/page` })
  expect(world.standin.hooks.takeRequests().join(' ')).not.toContain('handshake_payload')
})

test('with the pinned key nobody is asked for keys; without it they are read once', async () => {
  world = await startWorld({ pinned: true })
  const pinned = new PageClient()
  await signIn(pinned, world, PLANNER)
  await pinned.visit(`${world.portal}/page`)
  expect(world.standin.hooks.takeRequests().filter((line) => line.includes('jwks'))).toEqual([])
  await world.close()

  world = await startWorld()
  const client = new PageClient()
  await signIn(client, world, PLANNER)
  await client.visit(`${world.portal}/page`)
  expect(world.standin.hooks.takeRequests().filter((line) => line.includes('jwks'))).toHaveLength(1)
})
