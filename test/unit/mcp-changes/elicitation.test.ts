import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openChangedPlant, PLANNER, SCOPE, type ChangedPlant } from '../../support/changes/changed-plant.ts'
import { ENVELOPE, modernBody, modernHeaders, post } from '../../support/mcp/mcp-requests.ts'
import { aReceipt } from '../../support/crypto/token-workshop.ts'

const TRUSTED = aReceipt().cid
type Answer = { action: 'accept'; content: { confirm: boolean } } | { action: 'decline' | 'cancel' }
const YES: Answer = { action: 'accept', content: { confirm: true } }

let plant: ChangedPlant
let strict: ChangedPlant
let url: string
let token: string
beforeAll(async () => {
  plant = await openChangedPlant({ trustedClients: [TRUSTED] })
  strict = await openChangedPlant()
  url = await plant.door.listen()
  token = await tokenOf(plant)
})
afterAll(async () => {
  await plant.close()
  await strict.close()
})

const tokenOf = ({ door, simulator }: ChangedPlant): Promise<string> => {
  const { apiKey } = simulator.accounts.of(PLANNER)
  return door.token({
    scope: SCOPE,
    subject: `user_${PLANNER}`,
    maximo: { baseUrl: simulator.baseUrl, apiKey },
  })
}

/** A real client that answers whatever it is asked with the same. */
async function clientOf(mode: 'legacy' | { pin: string }, answer: Answer, at = url, as = token) {
  const asked: string[] = []
  const client = new Client(
    { name: 'a test', version: '1' },
    { versionNegotiation: { mode }, capabilities: { elicitation: { form: {} } } },
  )
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push(params.message)
    return answer
  })
  const requestInit = { headers: { authorization: `Bearer ${as}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${at}/mcp`), { requestInit }))
  const call = async (name: string, args: Record<string, unknown>): Promise<string> => {
    const result = await client.callTool({ name, arguments: args })
    return (result.content as { text: string }[])[0]?.text ?? ''
  }
  const stage = async (tool: string, args: object): Promise<string> => {
    const text = await call('call_write_tool', { tool, arguments: { reason: 'a test', ...args } })
    return (JSON.parse(text) as { change_id: string }).change_id
  }
  return {
    asked,
    stage,
    commit: (change_id: string) => call('commit_change', { change_id }),
    close: () => client.close(),
  }
}

const MODERN = { pin: '2026-07-28' }
let number = 0
const aRequest = (): object => {
  number += 1
  return { description: `Noise number ${number}`, location: 'BR230' }
}

describe('a client that asks its person', () => {
  test('is asked about medium risk in plain text, and a yes writes it', async () => {
    const client = await clientOf(MODERN, YES)
    const id = await client.stage('create_service_request', aRequest())
    expect(await client.commit(id)).toMatch(/"state":"written".*"approved_by":"elicitation"/)
    expect(client.asked).toHaveLength(1)
    expect(client.asked[0]).toMatch(
      /^Write this to Maximo at 127\.0\.0\.1:\d+\?\nnew mxapisr: description null → "Noise/,
    )
    await client.close()
  })

  test.each<[string, Answer]>([
    ['no', { action: 'decline' }],
    ['nothing', { action: 'cancel' }],
    ['yes, but not confirm', { action: 'accept', content: { confirm: false } }],
  ])('and says %s: nothing is written', async (_name, answer) => {
    const client = await clientOf(MODERN, answer)
    const [id, sent] = [await client.stage('create_service_request', aRequest()), plant.writes()]
    expect(await client.commit(id)).toMatch(/^needs_approval: The person did not agree/)
    expect(plant.writes() - sent).toBe(0)
    await client.close()
  })

  test('and confirms everything: high risk still waits for the page', async () => {
    const client = await clientOf(MODERN, YES)
    const lines = [{ description: 'Seal', quantity: 1, unit_cost: 1 }]
    const [id, sent] = [
      await client.stage('create_purchase_requisition', { description: 'Seals', lines }),
      plant.writes(),
    ]
    expect(await client.commit(id)).toMatch(/^needs_approval: .*approval page/)
    expect([client.asked, plant.writes() - sent]).toEqual([[], 0])
    await client.close()
  })

  test('about more than fits into a question: the page shows it whole', async () => {
    const client = await clientOf(MODERN, YES)
    const id = await client.stage('create_service_request', { ...aRequest(), details: 'x'.repeat(3_000) })
    expect(await client.commit(id)).toMatch(/^needs_approval: .*approval page/)
    expect(client.asked).toEqual([])
    await client.close()
  })

  test('in the older era: medium risk goes to the page', async () => {
    const client = await clientOf('legacy', YES)
    expect(await client.commit(await client.stage('create_service_request', aRequest()))).toMatch(
      /^needs_approval: .*page/,
    )
    expect(client.asked).toEqual([])
    await client.close()
  })

  test('but is not on the list of the operator: medium risk goes to the page', async () => {
    const client = await clientOf(MODERN, YES, await strict.door.listen(), await tokenOf(strict))
    expect(await client.commit(await client.stage('create_service_request', aRequest()))).toMatch(
      /^needs_approval: .*page/,
    )
    expect(client.asked).toEqual([])
    await client.close()
  })
})

describe('an answer to a question', () => {
  const capable = { ...ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } }
  const commit = async (id: string, more: object = {}, as = token): Promise<Record<string, unknown>> => {
    const message = {
      method: 'tools/call',
      params: { name: 'commit_change', arguments: { change_id: id }, _meta: capable, ...more },
    }
    const request = post(modernBody(message), as, modernHeaders(message))
    const answer = await plant.door.app.inject(request)
    return answer.json<{ result: Record<string, unknown> }>().result
  }
  const answered = (state: unknown) => ({ requestState: state, inputResponses: { confirm: YES } })
  const stage = async (as?: string) => {
    const body = { tool: 'create_service_request', arguments: { reason: 'a test', ...aRequest() } }
    const message = { method: 'tools/call', params: { name: 'call_write_tool', arguments: body } }
    const answer = await plant.door.app.inject(post(modernBody(message), as ?? token, modernHeaders(message)))
    const text = answer.json<{ result: { content: { text: string }[] } }>().result.content[0]?.text ?? ''
    return (JSON.parse(text) as { change_id: string }).change_id
  }
  const textOf = (result: Record<string, unknown>) => (result['content'] as { text: string }[])[0]?.text ?? ''

  test('counts for its own plan, within its time, as it was sealed, and from whom was asked', async () => {
    const [id, other] = [await stage(), await stage()]
    const asked = await commit(id)
    expect(asked).toMatchObject({
      resultType: 'input_required',
      inputRequests: { confirm: { method: 'elicitation/create' } },
    })
    const state = String(asked['requestState'])
    const sent = plant.writes()
    const bent = `${state.slice(0, -2)}${state.endsWith('AA') ? 'BB' : 'AA'}`
    for (const [change, wrong] of [
      [other, state],
      [id, bent],
      [id, 'x'.repeat(5_000)],
      [id, ''],
    ] as const)
      expect(textOf(await commit(change, answered(wrong)))).toMatch(
        /^invalid_input: This answer belongs to no question/,
      )
    const elsewhere = await tokenOf(plant)
    expect(textOf(await commit(id, answered(state), elsewhere))).toMatch(/^invalid_input/)
    plant.door.workshop.clock.advance(600_000)
    expect(textOf(await commit(id, answered(state)))).toMatch(/^invalid_input/)
    expect(plant.writes() - sent).toBe(0)
    const fresh = await commit(id)
    expect(textOf(await commit(id, answered(fresh['requestState'])))).toMatch(/"state":"written"/)
    expect(textOf(await commit(id, answered(fresh['requestState'])))).toMatch(/"state":"written"/)
    expect(plant.writes() - sent).toBe(1)
  })

  test('that nobody asked for writes nothing: an answer alone is no approval', async () => {
    const [id, sent] = [await stage(), plant.writes()]
    expect(await commit(id, { inputResponses: { confirm: YES } })).toMatchObject({
      resultType: 'input_required',
    })
    expect(plant.writes() - sent).toBe(0)
  })
})
