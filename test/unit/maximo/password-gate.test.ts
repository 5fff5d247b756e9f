import { describe, expect, test } from 'vitest'
import { REFUSED_MS } from '../../../src/maximo/credentials/password-gate.ts'
import { manualClock } from '../../support/clock.ts'
import { aQuery } from './support/compiled.ts'
import {
  aCall,
  faultOf,
  maximoFor,
  type Script,
  scriptedMaximo,
  sendJson,
} from './support/scripted-maximo.ts'

const PASSWORD = 'wilson:wrong'
const REF = { objectStructure: 'MXAPIWODETAIL', id: '_U0lNU0lURS8yMDA5' }
const UPDATE = { ...REF, rowstamp: '1', values: { description: 'x' } }
const refuse: Script = (_, response) =>
  sendJson(response, { Error: { reasonCode: 'BMXAA7901E', message: 'x', statusCode: '401' } }, 401)
const greet: Script = (_, response) => sendJson(response, { userName: 'WILSON' })

/** What Maximo sees of a password, and the clock of whoever shows it. */
const showing = async (script: Script, method: 'maxauth' | 'basic' | 'apikey' = 'maxauth') => {
  const maximo = await scriptedMaximo(script)
  const clock = manualClock()
  const open = () => maximoFor(maximo.baseUrl, { method, credential: PASSWORD, egress: { clock } })
  return { ...open(), open, clock, shown: () => maximo.seen.length }
}
const REFUSED = { kind: 'credentials_rejected', code: 'BMXAA7901E' }

describe('a password that Maximo refuses', () => {
  test.each([
    ['maxauth', 1],
    ['basic', 1],
    ['apikey', 5],
  ] as const)('with %s is shown %i times by five calls, and each is told', async (method, times) => {
    const { client, shown } = await showing(refuse, method)
    for (let call = 0; call < 5; call++) expect(await faultOf(client.whoAmI(aCall()))).toMatchObject(REFUSED)
    expect(shown()).toBe(times)
  })

  test('is told to whoever watches it each time that it was shown, and when it is taken again', async () => {
    let isRefused = true
    const maximo = await scriptedMaximo((...sent) => (isRefused ? refuse : greet)(...sent))
    const [clock, told]: [ReturnType<typeof manualClock>, boolean[]] = [manualClock(), []]
    const { client, writer } = maximoFor(maximo.baseUrl, {
      ...{ method: 'maxauth', credential: PASSWORD, egress: { clock } },
      onVerdict: (isTaken) => told.push(isTaken),
    })
    for (let call = 0; call < 3; call++) await faultOf(client.whoAmI(aCall()))
    expect(told).toEqual([false])
    clock.advance(REFUSED_MS)
    isRefused = false
    await client.whoAmI(aCall())
    expect(told).toEqual([false, true])
    isRefused = true
    await faultOf(writer.update(UPDATE, aCall()))
    expect(told.slice(2).filter((isTaken) => !isTaken)).toEqual([false])
    expect(told.at(-1)).toBe(false)
  })

  test('is shown once by five calls at once', async () => {
    const { client, shown } = await showing(refuse)
    const faults = await Promise.all([1, 2, 3, 4, 5].map(() => faultOf(client.whoAmI(aCall()))))
    expect(faults.map(({ code }) => code)).toEqual(Array(5).fill('BMXAA7901E'))
    expect(shown()).toBe(1)
  })

  type Opened = ReturnType<typeof maximoFor>
  test.each<[string, RegExp, (maximo: Opened) => Promise<unknown>]>([
    ['a write', /^POST /, ({ writer }) => writer.update(UPDATE, aCall())],
    ['a file', /doclinks\/412/, ({ client }) => client.attachmentFile(REF, '412', aCall())],
    ['a walk', /stablepaging/, ({ client }) => client.query(aQuery({ paging: 'stable' }), aCall())],
  ])('is remembered by %s, and not shown by it', async (_name, where, ask) => {
    const meta = { userName: 'WILSON', identifier: '412', urlType: 'FILE' }
    const maximo = await showing((request, response) => {
      const isHere = where.test(`${request.method ?? ''} ${request.url ?? ''}`)
      if (isHere) refuse(request, response)
      else sendJson(response, meta)
    })
    expect(await faultOf(ask(maximo))).toMatchObject(REFUSED)
    const remembered = maximo.shown()
    expect(await faultOf(maximo.client.whoAmI(aCall()))).toMatchObject({ detail: 'not_tried_again' })
    expect(await faultOf(ask(maximo))).toMatchObject({ ...REFUSED, detail: 'not_tried_again' })
    expect(maximo.shown()).toBe(remembered)
  })

  test('is shown again after ten minutes, once, and by a new client at once', async () => {
    const { client, open, clock, shown } = await showing(refuse)
    await faultOf(client.whoAmI(aCall()))
    clock.advance(REFUSED_MS - 1)
    await faultOf(client.whoAmI(aCall()))
    expect(shown()).toBe(1)
    clock.advance(1)
    await faultOf(client.whoAmI(aCall()))
    await faultOf(client.whoAmI(aCall()))
    expect(shown()).toBe(2)
    await faultOf(open().client.whoAmI(aCall()))
    expect(shown()).toBe(3)
  })
})

describe('a password that nothing is known of', () => {
  test('stays so after what is no refusal', async () => {
    let answers = 0
    const { client } = await showing((request, response) => {
      if (answers++ === 0) sendJson(response, '', 403)
      else greet(request, response)
    })
    expect(await faultOf(client.whoAmI(aCall()))).toMatchObject({ kind: 'not_permitted' })
    expect(await client.whoAmI(aCall())).toMatchObject({ userName: 'WILSON' })
  })

  test('keeps others waiting no longer than they wish, and once taken nobody', async () => {
    const held: (() => void)[] = []
    const { client, shown } = await showing((request, response) => {
      held.push(() => greet(request, response))
    })
    const first = client.whoAmI(aCall())
    const leaving = new AbortController()
    const waiting = client.whoAmI(aCall(leaving.signal))
    await expect.poll(() => held.length).toBe(1)
    leaving.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    held[0]?.()
    await first
    const both = [client.whoAmI(aCall()), client.whoAmI(aCall())]
    await expect.poll(() => shown()).toBe(3)
    for (const answer of held.slice(1)) answer()
    expect(await Promise.all(both)).toHaveLength(2)
  })
})
