import { expect, test } from 'vitest'
import type { CallerFacts } from '../../../src/mcp/admission/caller.ts'
import type { Demand } from '../../../src/mcp/admission/demand.ts'
import { checkEntitlement } from '../../../src/mcp/admission/entitlement.ts'
import { objectRightsUnder, type Touch } from '../../../src/mcp/admission/object-rights.ts'
import { readPresets } from '../../../src/mcp/admission/presets.ts'
import { allowedScopes } from '../../../src/mcp/admission/scopes.ts'

const someone = (bend: Partial<CallerFacts> = {}, features: string[] = []): CallerFacts => ({
  ...{ subject: 'user-1', environment: 'env-1', clientId: 'client', grantId: 'grant-1', tokenId: 'token-1' },
  ...{ kind: 'at', scopes: allowedScopes('maximo:read'), profile: 'interactive' },
  plan: { plan: 'free', features: new Set(features) },
  ...{ objects: null, risk: 'low', expiresAtS: null },
  ...bend,
})
type ToolDemand = Extract<Demand, { kind: 'tool' }>
const use = (bend: Partial<ToolDemand> = {}): Demand => ({
  ...{ kind: 'tool', tool: 't', scopes: ['maximo:read'], effect: 'read', costUnits: 1 },
  ...bend,
})
const OK = { ok: true, value: undefined }
const refusedAs = (error: object): object => ({ ok: false, error })
const under = (code: string) => objectRightsUnder(readPresets({}))(code)

test('a message needs nothing, whoever sends it', () => {
  const nobody = someone({ kind: 'ci', scopes: new Set(), objects: under('MXAPIPO:r') })
  expect(checkEntitlement(nobody, { kind: 'message', method: 'tools/list' })).toEqual(OK)
})

test('of several scopes each is needed, and all are named', () => {
  const scopes = ['maximo:read', 'maximo:write'] as const
  expect(checkEntitlement(someone(), use({ scopes }))).toEqual(
    refusedAs({ reason: 'scope_missing', required: scopes }),
  )
  const wide = someone({ scopes: allowedScopes('maximo:write') })
  expect(checkEntitlement(wide, use({ scopes }))).toEqual(OK)
})

test('a feature must be in the plan; automation is a feature of its own, and named first', () => {
  const reporting = use({ feature: 'reporting' })
  const missing = (feature: string) => refusedAs({ reason: 'feature_missing', feature })
  expect(checkEntitlement(someone(), use())).toEqual(OK)
  expect(checkEntitlement(someone(), reporting)).toEqual(missing('reporting'))
  expect(checkEntitlement(someone({}, ['reporting']), reporting)).toEqual(OK)
  const robot = (...features: string[]) => someone({ kind: 'ci' }, features)
  expect(checkEntitlement(robot(), use())).toEqual(missing('automation'))
  expect(checkEntitlement(robot('reporting'), reporting)).toEqual(missing('automation'))
  expect(checkEntitlement(robot('automation'), use())).toEqual(OK)
  expect(checkEntitlement(robot('automation'), reporting)).toEqual(missing('reporting'))
})

test('what is missing is told in one order: scope, feature, object', () => {
  const narrow = someone({ objects: under('MXAPIPO:r') })
  const demand = use({ feature: 'f', touches: [{ object: 'MXAPISR', access: 'read' }] })
  expect(checkEntitlement({ ...narrow, scopes: new Set() }, demand)).toMatchObject({
    error: { reason: 'scope_missing' },
  })
  expect(checkEntitlement(narrow, demand)).toMatchObject({ error: { reason: 'feature_missing' } })
  const featured = someone({ objects: narrow.objects }, ['f'])
  expect(checkEntitlement(featured, demand)).toMatchObject({ error: { reason: 'object_refused' } })
})

test('of what a call touches the first that the rules leave out is named with the rule', () => {
  const narrow = someone({ objects: under('MXAPIPO:r MXAPIPR:w') })
  const touching = (...touches: Touch[]) => checkEntitlement(narrow, use({ touches }))
  const order = { object: 'MXAPIPO', access: 'read' } as const
  expect(touching()).toEqual(OK)
  expect(touching(order, { object: 'MXAPIPR', access: 'write' })).toEqual(OK)
  const outside = { object: 'MXAPIPO', access: 'write' } as const
  expect(touching(order, outside, { object: 'MXAPISR', access: 'read' })).toEqual(
    refusedAs({ reason: 'object_refused', ...outside, rule: 'objects MXAPIPO:r MXAPIPR:w' }),
  )
  expect(checkEntitlement(narrow, use())).toEqual(OK)
  // Without rules there is nothing to be outside of.
  expect(checkEntitlement(someone(), use({ touches: [outside] }))).toEqual(OK)
})
