import fc from 'fast-check'
import { parse } from 'node-html-parser'
import { renderToString } from 'preact-render-to-string'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Plan } from '../../src/mcp/changes/plan.ts'
import { ChangePage } from '../../src/mcp/vault/change/change-page.tsx'
import { openChangedPlant, type ChangedPlant } from '../support/changes/changed-plant.ts'
import { POISONED } from '../support/mcp/poisoned-texts.ts'
import { PROBE } from '../support/wire/probe.ts'

/** The approval page of a change in which every text that came from outside is this one. */
function pageOf(text: string): string {
  const wanted = { op: 'update', object: 'MXAPIWODETAIL', record: 'x', values: {} } as const
  const record = {
    ...{ wanted, at: { id: 'x', rowstamp: '1' }, label: text, title: text },
    diff: [{ field: text, before: text, after: text }],
    alike: { records: null, rows: {} },
  }
  const plan: Plan = {
    ...{
      id: 'A'.repeat(22),
      sub: text,
      gid: 'g',
      env: 'e',
      cid: 'c',
      host: 'maximo.example',
      tool: 't',
      title: 't',
    },
    ...{ reason: text, scopes: [], madeMs: 1, endsMs: 2, risk: 'medium', because: ['It changes a record.'] },
    ...{ fromUntrusted: false, approvers: [], records: [record], warnings: [text] },
  }
  const frame = { account: text, portalUrl: 'https://portal.example' }
  const environment = { id: 'e', label: text, host: 'maximo.example' }
  const forms = { approve: 'one', refuse: 'two' }
  return renderToString(
    ChangePage({ frame, plan, environment, clientName: text, expires: '12:00', isSecond: true, forms }),
  )
}

/** Elements with their attributes, without what stands in them. */
const skeletonOf = (html: string): readonly string[] =>
  parse(html)
    .querySelectorAll('*')
    .map((element) => `${element.tagName} ${JSON.stringify(element.attributes)}`)

const PLAIN = skeletonOf(pageOf('Leak at the seal'))
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]/u

describe('B22: no text becomes a part of the approval page', () => {
  test.each(POISONED)('%s', (_kind, text) => {
    const html = pageOf(text)
    expect(skeletonOf(html)).toEqual(PLAIN)
    expect(html).not.toMatch(HIDDEN)
  })

  test('nor any other text', () => {
    const any = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom(...POISONED.map(([, text]) => text)),
    )
    fc.assert(
      fc.property(any, any, (left, right) => {
        const html = pageOf(`x${left}${right}`)
        expect(skeletonOf(html)).toEqual(PLAIN)
        expect(html).not.toMatch(HIDDEN)
      }),
      { numRuns: 60 },
    )
  })
})

describe('B22: words of a record change nothing by themselves', () => {
  let plant: ChangedPlant
  beforeAll(async () => {
    plant = await openChangedPlant()
  })
  afterAll(() => plant.close())

  const request = async (description: string): Promise<string> => {
    const { apiKey } = plant.simulator.accounts.of('planner@example.com')
    const made = await fetch(`${plant.simulator.baseUrl}/api/os/mxapisr?lean=1`, {
      method: 'POST',
      headers: { ...PROBE, apikey: apiKey, 'content-type': 'application/json', properties: 'ticketid' },
      body: JSON.stringify({ siteid: 'BEDFORD', description }),
    })
    return ((await made.json()) as { ticketid: string }).ticketid
  }

  test('read, taken over and committed, each kind of them waits for a person, and is shown as what it is', async () => {
    const sent = plant.writes()
    for (const [kind, text] of POISONED) {
      // What JSON or Maximo's column cannot hold does not get there.
      const words = `${kind}: ${text}`.replace(/[\p{Cs}\u0000]/gu, '').slice(0, 100)
      const ticket_id = await request(words)
      const shown = await plant.ask('call_read_tool', {
        tool: 'get_service_request',
        arguments: { ticket_id },
      })
      expect(shown.text, kind).not.toMatch(HIDDEN)
      const id = await plant.stage('create_work_order_from_request', { ticket_id })
      expect((await plant.plan(id)).risk).toBe('high')
      const committed = await plant.commit(id)
      expect(committed.text, kind).toMatch(/^needs_approval: /)
      await plant.discard(id)
    }
    expect(plant.writes() - sent).toBe(0)
  })
})
