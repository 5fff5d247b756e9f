import { err, ok, type Result } from '../../../kernel/result.ts'
import type { DomainValue } from '../../../maximo/contract.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import type { Meanings } from '../lists/states.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

/** The values of this environment that mean a state; none: it has no such status. */
export async function statusValues(
  meanings: Pick<Meanings, 'domain' | 'internal' | 'also'>,
  state: string,
  context: ToolContext,
): Promise<Result<readonly string[], ToolProblem>> {
  const list = await statusList(meanings.domain, context)
  if (list.length === 0) return err(noList(meanings.domain))
  const internal = meanings.internal[state] ?? []
  const meant = list.filter(
    ({ value, internal: rule }) => meanings.also?.[value] === state || internal.includes(rule ?? value),
  )
  return ok([...new Set(meant.map(({ value }) => value))])
}

/** Empty also for a user who may not read domains: the same remedy. */
export async function statusList(
  domain: string,
  { maximo, call }: ToolContext,
): Promise<readonly DomainValue[]> {
  try {
    return await maximo.domainValues(domain, call)
  } catch (error) {
    if (error instanceof MaximoFault && error.kind === 'not_permitted') return []
    throw error
  }
}

const noList = (domain: string): ToolProblem => ({
  kind: 'not_permitted',
  what: `The status list (${domain}) cannot be read, so the meaning of states is not known.`,
  why: 'The Maximo user may lack the right to read domains.',
  next: 'Ask a Maximo administrator for the right to read MXAPISYNONYMDOMAIN.',
})
