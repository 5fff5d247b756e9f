import { err, ok } from '../../kernel/result.ts'
import type { DomainValue } from '../../maximo/contract.ts'
import { MAX_TOKENS } from '../tools/query/inputs.ts'
import { tableAnswer } from '../tools/result/table-answer.ts'
import { visible } from '../tools/result/visible.ts'
import type { ToolProblem } from '../tools/problem/tool-problem.ts'
import { completeDomain } from './complete/objects.ts'
import type { TemplateResource } from './resource.ts'
import { SCHEMA_TTL_MS } from './schema.ts'
import { jsonAnswer } from './shapes.ts'

const COLUMNS = ['value', 'internal', 'description', 'default', 'site', 'org']

/** The values of a domain with the internal values that Maximo's rules look at. */
export const domainResource: TemplateResource = {
  name: 'domain',
  title: 'Values of a domain',
  description: 'A value list (domain) of Maximo: values, internal values, descriptions, sites.',
  mimeType: 'application/json',
  tool: 'describe_object',
  path: 'domain/{id}',
  variables: { id: { pattern: /^[A-Za-z0-9_$#.-]{1,40}$/, complete: completeDomain } },
  ttlMs: SCHEMA_TTL_MS,
  async read({ id = '' }, context, uri) {
    const domain = id.toUpperCase()
    const values = await context.maximo.domainValues(domain, context.call)
    if (values.length === 0) return err(noDomain(domain))
    const table = {
      columns: COLUMNS,
      rows: values.map(cells),
      reading: `The values of the domain ${domain}.`,
      untrusted: ['description'],
      maxTokens: MAX_TOKENS,
      whenCut: 'describe_object with the object and the field shows the first values.',
    }
    return ok(jsonAnswer(uri, tableAnswer(table, context)))
  },
}

const cells = (one: DomainValue): readonly unknown[] => [
  ...[one.value, one.internal, one.description, one.isDefault],
  ...[one.siteId, one.orgId],
]

export const noDomain = (id: string): ToolProblem => ({
  kind: 'not_found',
  what: `There is no domain "${visible(id)}" with values that you may read.`,
  why: null,
  next: 'describe_object with an object and "detail": "fields" names the domain of each field.',
})
