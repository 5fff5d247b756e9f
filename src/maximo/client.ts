import type { Clock } from '../kernel/clock.ts'
import type { MaximoClient, MaximoEnvironment } from './contract.ts'
import { readWhoAmI } from './directory.ts'
import type { Egress } from './egress/egress.ts'
import { Knowledge } from './knowledge.ts'
import type { GroupQuery } from './query/query.ts'
import { QueryCompiler } from './query-compiler.ts'
import { findRecord } from './records/find-record.ts'
import { readGroups } from './records/read-groups.ts'
import { readRecords } from './records/read-records.ts'
import { openSession } from './session.ts'

export interface MaximoClientOptions {
  readonly environment: MaximoEnvironment
  readonly egress: Egress
  readonly clock: Clock
}

/**
 * A client for one environment and one credential; keep it, its caches are its worth.
 * @throws MaximoFault egress_refused when the base URL is not allowed, credentials_rejected when the credential
 *   cannot be one (line breaks, other than printable ASCII in an API key).
 */
export const createMaximoClient = ({ environment, egress, clock }: MaximoClientOptions): MaximoClient => {
  const session = openSession(environment, egress, clock)
  const knowledge = new Knowledge(session, clock)
  const compiler = new QueryCompiler(knowledge, clock)
  return {
    whoAmI: (call) => readWhoAmI(session, call),
    objectStructures: (call) => knowledge.objectStructures(call),
    schema: (objectStructure, call) => knowledge.schema(objectStructure, call),
    domainValues: (domainId, call) => knowledge.domainValues(domainId, call),
    close: () => {
      knowledge.clear()
      compiler.clear()
    },
    query: async (query, call) => {
      const compiled = await compiler.compile(query, call)
      return compiled.ok ? readRecords({ session, query, compiled: compiled.value }, call) : compiled
    },
    aggregate: async (query, call) => {
      const { schema, extras } = await knowledge.gather(query.objectStructure, mentionsOfGroups(query), call)
      return readGroups({ session, query, schema, extras }, call)
    },
    findRecord: async (ref, select, call) => {
      const mentions = { filter: {}, names: select.fields, children: Object.keys(select.children ?? {}) }
      const { schema, extras } = await knowledge.gather(ref.objectStructure, mentions, call)
      return findRecord({ session, schema, extras, ref, select }, call)
    },
  }
}

const mentionsOfGroups = (query: GroupQuery): Parameters<Knowledge['gather']>[1] => ({
  filter: query,
  names: query.groupBy,
  children: [],
})
