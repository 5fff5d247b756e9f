import { describe, expect, test } from 'vitest'
import { mayApprove, routeOf } from '../../../src/mcp/changes/approval.ts'
import type { CallerFacts } from '../../../src/mcp/admission/caller.ts'
import { plansFile, readPlans } from '../../../src/mcp/admission/plans.ts'
import { similarity } from '../../../src/mcp/changes/staging/duplicates.ts'
import { isSameValue } from '../../../src/mcp/changes/staging/look-alikes.ts'
import type { Plan, Wanted } from '../../../src/mcp/changes/plan.ts'
import { rateRisk, type Circumstances } from '../../../src/mcp/changes/staging/risk.ts'

const WO = { object: 'MXAPIWODETAIL', record: 'BEDFORD/1001' } as const
const note: Wanted = {
  op: 'update',
  ...WO,
  values: {},
  children: { worklog: [{ action: 'add', values: { description: 'x' } }] },
}
const NOTED = { writesTo: [['WORKORDER', 'WORKLOG']] }
const manyNoted = (count: number) => ({
  writesTo: Array.from({ length: count }, () => NOTED.writesTo[0] ?? []),
})
const reading = (object: string): Wanted => ({
  ...{ op: 'update', object, record: 'x', values: { newreading: '1' } },
})
const update: Wanted = { op: 'update', ...WO, values: { wopriority: 1 } }
const status = (to: string): Wanted => ({ op: 'status', ...WO, status: to })
const rate = (wanted: Wanted | readonly Wanted[], more: Partial<Circumstances> = {}) =>
  rateRisk({
    wanted: [wanted].flat(),
    movesTo: [],
    isProductionAdmin: false,
    isFromUntrusted: false,
    ...more,
  }).risk

describe('the risk of a change', () => {
  test.each<[string, string, Wanted | readonly Wanted[], Partial<Circumstances>]>([
    ['low', 'a note', note, NOTED],
    ['medium', 'a note by the name of another row', note, { writesTo: [['WORKORDER', 'LABTRANS']] }],
    ['high', 'a note by the name of what nobody knows', note, { writesTo: [['WORKORDER', 'ZZNOTE']] }],
    ['low', 'a reading', reading('MXAPIASSETMETER'), { writesTo: [['ASSETMETER']] }],
    ['low', 'a reading by another structure', reading('ZZMETER'), { writesTo: [['LOCATIONMETER']] }],
    ['high', 'a reading of what is no meter', reading('MXAPIASSETMETER'), { writesTo: [['MAXVARS']] }],
    ['medium', 'a note and a field', { ...note, values: { wopriority: 1 } }, NOTED],
    [
      'medium',
      'another row',
      { ...note, children: { labtrans: [{ action: 'add', values: { regularhrs: 1 } }] } },
      {},
    ],
    [
      'medium',
      'a meter and more',
      { op: 'update', object: 'MXAPIASSETMETER', record: 'x', values: { newreading: '1', active: false } },
      {},
    ],
    ['medium', 'a field', update, {}],
    ['medium', 'a new record', { op: 'create', object: 'MXAPISR', values: {} }, {}],
    ['medium', 'a step of a status', status('APPR'), { movesTo: ['APPR'] }],
    ['high', 'a final status by another name', status('DONE'), { movesTo: ['CLOSE'] }],
    ['high', 'a final status that nobody resolved', status('can'), {}],
    ['high', 'a status of which nobody knows whether it is final', status('FERTIG'), {}],
    ['high', 'a deletion', { op: 'delete', ...WO }, {}],
    [
      'high',
      'an answer to a workflow',
      { op: 'answer', object: 'MXAPIWFASSIGNMENT', record: 'x', accepted: true },
      {},
    ],
    ['high', 'money', { op: 'create', object: 'MXAPIPR', values: {} }, { writesTo: [['PR', 'PRLINE']] }],
    [
      'medium',
      'no money under the name of some',
      { op: 'create', object: 'MXAPIPO', values: {} },
      { writesTo: [['TICKET']] },
    ],
    [
      'high',
      'an object that nobody knows',
      { op: 'create', object: 'ZZNEW', values: {} },
      { writesTo: [['ZZNEW']] },
    ],
    ['high', 'a user', { op: 'create', object: 'MXAPIWODETAIL', values: {} }, { writesTo: [['MAXUSER']] }],
    [
      'high',
      'money under the name of another structure',
      { op: 'create', object: 'MXPO', values: {} },
      { writesTo: [['PO']] },
    ],
    [
      'high',
      'a row of money below something else',
      { op: 'update', object: 'ZZSTORE', record: 'x', values: {} },
      { writesTo: [['INVENTORY', 'INVCOST']] },
    ],
    [
      'high',
      'a key to Maximo itself',
      { op: 'create', object: 'MXAPIAPIKEY', values: {} },
      { writesTo: [['APIKEYTOKEN']] },
    ],
    ['medium', 'what is neither', update, { writesTo: [['WORKORDER', 'LABTRANS']] }],
    ['high', 'one deletion among notes', [note, { op: 'delete', ...WO }, note], {}],
    ['high', 'eleven records', Array.from({ length: 11 }, () => note), manyNoted(11)],
    ['low', 'ten notes', Array.from({ length: 10 }, () => note), manyNoted(10)],
    ['high', 'anything of an administrator in production', update, { isProductionAdmin: true }],
    ['low', 'a note of an administrator in production', note, { isProductionAdmin: true, ...NOTED }],
    ['medium', 'a note with text of others', note, { isFromUntrusted: true, ...NOTED }],
    ['medium', 'a note that answers a question', note, { isAnswer: true, ...NOTED }],
    ['high', 'a field with text of others', update, { isFromUntrusted: true }],
  ])('%s: %s', (risk, _name, wanted, more) => {
    expect(rate(wanted, more)).toBe(risk)
  })

  test('says why in sentences, each once', () => {
    const { because } = rateRisk({
      wanted: [note, note],
      movesTo: [],
      ...manyNoted(2),
      isProductionAdmin: false,
      isFromUntrusted: true,
    })
    expect(because).toEqual([
      'It only adds a note or a meter reading.',
      'It takes over text that somebody typed into Maximo.',
    ])
  })
})

describe('who has to agree', () => {
  const plan = (bend: Partial<Plan>): Plan =>
    ({ sub: 'user_a', risk: 'medium', approvers: [], ...bend }) as Plan
  const person = { kind: 'at', clientId: 'https://client.example', risk: 'low' } as CallerFacts
  const pipeline = { kind: 'ci', clientId: 'x', risk: 'medium' } as CallerFacts
  const asking = { canElicit: true, trusted: new Set(['https://client.example']) }

  test.each<[string, Partial<Plan>, CallerFacts, Partial<typeof asking>, object]>([
    ['low: nobody', { risk: 'low' }, person, {}, { kind: 'approved', approval: { by: 'policy' } }],
    ['medium: the person at a trusted client', {}, person, {}, { kind: 'ask' }],
    [
      'medium: the page for a client that cannot ask',
      {},
      person,
      { canElicit: false },
      { kind: 'page', second: false },
    ],
    [
      'medium: the page for a client that nobody trusts',
      {},
      person,
      { trusted: new Set() },
      { kind: 'page', second: false },
    ],
    [
      'high: the page, whatever the client can',
      { risk: 'high' },
      person,
      {},
      { kind: 'page', second: false },
    ],
    [
      'low, with a second person: the page',
      { risk: 'low', approvers: ['user_b'] },
      person,
      {},
      { kind: 'page', second: true },
    ],
    ['medium of a token made for it', {}, pipeline, {}, { kind: 'approved', approval: { by: 'grant' } }],
    [
      'high of a token made for medium',
      { risk: 'high' },
      pipeline,
      {},
      { kind: 'refused', allowed: 'medium' },
    ],
    [
      'a second person, also for a token',
      { approvers: ['user_b'] },
      pipeline,
      {},
      { kind: 'page', second: true },
    ],
  ])('%s', (_name, bend, facts, ask, route) => {
    expect(routeOf(plan(bend), facts, { ...asking, ...ask })).toEqual(route)
  })

  test('an owner agrees to their own, a second person to others’, and never the other way round', () => {
    expect(mayApprove(plan({}), 'user_a')).toBe(true)
    expect(mayApprove(plan({}), 'user_b')).toBe(false)
    const second = plan({ approvers: ['user_a', 'user_b'] })
    expect(['user_a', 'user_b', 'user_c'].map((sub) => mayApprove(second, sub))).toEqual([false, true, false])
  })

  test('the plans file names second persons from a risk on; all of a user’s plans count', () => {
    const file = plansFile.parse({
      default: 'free',
      plans: {
        free: { perDay: 1 },
        plant: { perDay: 1, secondApprover: { from: 'high', users: ['user_b'] } },
        strict: { perDay: 1, secondApprover: { from: 'medium', users: ['user_c', 'user_b'] } },
      },
    })
    const plans = readPlans(file)
    expect(plans.secondApprovers('nothing', 'high')).toBeNull()
    expect(plans.secondApprovers('plant', 'medium')).toBeNull()
    expect(plans.secondApprovers('plant', 'high')).toEqual(['user_b'])
    expect(plans.secondApprovers('free,plant,strict', 'high')).toEqual(['user_b', 'user_c'])
    expect(
      plansFile.safeParse({
        default: 'x',
        plans: { x: { perDay: 1, secondApprover: { from: 'high', users: [] } } },
      }).success,
    ).toBe(false)
  })
})

test.each<[unknown, unknown, boolean]>([
  [null, undefined, true],
  ['', null, true],
  ['appr', 'APPR', true],
  ['a', 'b', false],
  [2, 2.004, true],
  [2, -2, true],
  [2, 2.01, false],
  [2, '2', false],
  [true, true, true],
  [false, null, false],
  ['2026-05-01', '2026-05-01T00:00:00-04:00', true],
  ['2026-05-01T12:00:00Z', '2026-05-01T08:00:00-04:00', true],
  ['2026-05-01T12:00:00Z', '2026-05-01T12:00:00-04:00', false],
])('%j is kept as %j: %s', (wanted, kept, same) => {
  expect(isSameValue(wanted as string, kept)).toBe(same)
})

test('words in common make likely duplicates', () => {
  expect(similarity('Pump leaks at the seal', 'PUMP leaks: seal!')).toBeGreaterThan(0.7)
  expect(similarity('Pump leaks', 'Replace the belt')).toBe(0)
  expect(similarity('', '')).toBe(0)
})
