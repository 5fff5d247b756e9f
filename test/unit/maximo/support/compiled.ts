import { compileQuery } from '../../../../src/maximo/query/compile.ts'
import type { CompileExtras } from '../../../../src/maximo/query/fields.ts'
import type { Criterion, Query, QueryProblem } from '../../../../src/maximo/query/query.ts'
import { workOrders } from './work-order-schema.ts'

export const aQuery = (bend: Partial<Query> = {}): Query => ({
  objectStructure: 'mxapiwodetail',
  select: { fields: ['wonum'] },
  pageSize: 20,
  ...bend,
})

/** The parameters of the only request a query compiles to; throws with the problems when it does not compile. */
export const parametersOf = (bend: Partial<Query>, extras: CompileExtras = {}): URLSearchParams => {
  const compiled = compileQuery(aQuery(bend), workOrders, extras)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  if (compiled.value.queryStrings.length !== 1) throw new Error('more than one request')
  return new URLSearchParams(compiled.value.queryStrings[0])
}

export const whereOf = (all: readonly Criterion[], extras: CompileExtras = {}): string | null =>
  parametersOf({ all }, extras).get('oslc.where')

export const problemsOf = (bend: Partial<Query>, extras: CompileExtras = {}): readonly QueryProblem[] => {
  const compiled = compileQuery(aQuery(bend), workOrders, extras)
  return compiled.ok ? [] : compiled.error
}

export const reasonOf = (field: string, op: string, value?: unknown): string | undefined =>
  problemsOf({ all: [{ field, op, value }] })[0]?.reason
