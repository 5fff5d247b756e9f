import type { Clock } from '../kernel/clock.ts'
import { ok } from '../kernel/result.ts'
import type { MaximoCall, MaximoClient, MaximoEnvironment, QueryPreview, RecordRef } from './contract.ts'
import { readWhoAmI } from './directory.ts'
import { tellingVerdicts } from './credentials/verdict.ts'
import type { Egress } from './egress/egress.ts'
import { inboxQuery } from './inbox.ts'
import { keepingReads, tellingWrites } from './kept-reads.ts'
import { Knowledge } from './knowledge.ts'
import type { CompiledQuery } from './query/compile.ts'
import type { GroupQuery, Select } from './query/query.ts'
import { QueryCompiler } from './query-compiler.ts'
import type { ReadCache } from './read-cache.ts'
import { attachmentFileOf, attachmentOf, attachmentsOf } from './records/attached.ts'
import type { FindRequest } from './records/find-record.ts'
import { findRecord } from './records/find-record.ts'
import { inTurns } from './records/in-turns.ts'
import { pagesOf } from './records/pages.ts'
import { readGroups } from './records/read-groups.ts'
import { readRecords, walkRecords } from './records/read-records.ts'
import { readValueList } from './records/value-list.ts'
import { Walks } from './records/walks.ts'
import type { MaximoSession } from './session.ts'
import { openSession } from './session.ts'
import { createWriteChecker, type WriteChecker } from './write/check.ts'
import type { MaximoWriter } from './write/contract.ts'
import { createMaximoWriter } from './write/writer.ts'

export interface MaximoClientOptions {
  readonly environment: MaximoEnvironment
  readonly egress: Egress
  readonly clock: Clock
  /** Absent: every answer is asked for anew. */
  readonly readCache?: ReadCache | undefined
}

/**
 * A client for one environment and one credential; keep it, its caches are its worth.
 * @throws MaximoFault egress_refused when the base URL is not allowed, credentials_rejected when the credential
 *   cannot be one (line breaks, other than printable ASCII in an API key).
 */
export const createMaximoClient = (options: MaximoClientOptions): MaximoClient => openMaximo(options).client

/**
 * All parts over one session: what one learns of the environment the others know, and a replaced token is replaced for
 * all.
 * @throws as `createMaximoClient`
 */
export const openMaximo = ({ environment, egress, clock, readCache }: MaximoClientOptions): Maximo => {
  const { onVerdict } = environment
  const bare = openSession(environment, egress, clock)
  const session = onVerdict === undefined ? bare : tellingVerdicts(bare, onVerdict)
  const knowledge = new Knowledge(session, clock)
  const fresh = readingHalf({ session, knowledge, clock })
  const tools = { session, knowledge, client: fresh, clock }
  const checker = createWriteChecker(tools)
  if (readCache === undefined) return { client: fresh, fresh, checker, writer: createMaximoWriter(tools) }
  const answers = readCache.answersOf(session.base.origin)
  const telling = tellingWrites(session, answers)
  const writer = createMaximoWriter({ ...tools, session: telling })
  return { client: keepingReads(fresh, answers), fresh, checker, writer }
}

/** Who reads has the client, who plans a change the checker besides, and the writer only who carries one out. */
export interface Maximo {
  readonly client: MaximoClient
  /** Reads past the cache: for whoever decides by what Maximo holds at this moment. */
  readonly fresh: MaximoClient
  readonly checker: WriteChecker
  readonly writer: MaximoWriter
}

interface Parts {
  readonly session: MaximoSession
  readonly knowledge: Knowledge
  readonly clock: Clock
}

const readingHalf = ({ session, knowledge, clock }: Parts): MaximoClient => {
  const compiler = new QueryCompiler(knowledge, clock)
  const walks = new Walks(clock)
  const query: MaximoClient['query'] = (asked, call) =>
    knowledge.asking(asked, async (isNaive) => {
      const compiled = await compiler.compile(asked, call, isNaive)
      if (!compiled.ok) return compiled
      const request = { session, query: asked, compiled: compiled.value }
      return asked.paging === 'stable' ? walkRecords(request, walks, call) : readRecords(request, call)
    })
  const naming = async (ref: RecordRef, select: Select, call: MaximoCall): Promise<FindRequest> => {
    const mentions = { filter: {}, names: select.fields, children: Object.keys(select.children ?? {}) }
    return { session, ref, select, ...(await knowledge.gather(ref.objectStructure, mentions, call)) }
  }
  return {
    whoAmI: (call) => readWhoAmI(session, call),
    objectStructures: (call) => knowledge.objectStructures(call),
    schema: (objectStructure, call) => knowledge.schema(objectStructure, call),
    domainValues: (domainId, call) => knowledge.domainValues(domainId, call),
    version: (call) => knowledge.version(call),
    savedQueries: (objectStructure, call) => knowledge.savedQueries(objectStructure, call),
    rights: async (names, call) => {
      if (names.length > MAX_RIGHTS) throw new Error(`rights of at most ${MAX_RIGHTS} at once`)
      return inTurns(names, (name) => knowledge.right(name, call))
    },
    close: () => {
      knowledge.clear()
      compiler.clear()
      walks.clear()
    },
    query,
    preview: async (asked, call) => {
      const compiled = await compiler.compile(asked, call)
      return compiled.ok ? ok(previewOf(compiled.value)) : compiled
    },
    pages: (asked, call) => pagesOf(asked, (page) => query(page, call)),
    aggregate: (asked, call) =>
      knowledge.asking(asked, async (isNaive) => {
        const mentions = mentionsOfGroups(asked)
        const known = await knowledge.gather(asked.objectStructure, mentions, call, isNaive)
        return readGroups({ session, query: asked, ...known }, call)
      }),
    findRecord: async (ref, select, call) => findRecord(await naming(ref, select, call), call),
    attachments: async (ref, call) => attachmentsOf(await naming(ref, NOTHING, call), call),
    attachmentFile: async (ref, id, call) => attachmentFileOf(await naming(ref, NOTHING, call), id, call),
    valueList: async (ref, field, call) => readValueList(await naming(ref, NOTHING, call), field, call),
    inbox: async (part, call) => query({ ...inboxQuery(await readWhoAmI(session, call)), ...part }, call),
    attachment: async (ref, id, call) => attachmentOf(await naming(ref, NOTHING, call), id, call),
  }
}

/** Of one query string per request, its parameters. */
const previewOf = ({ queryStrings, reading, notes }: CompiledQuery): QueryPreview => ({
  requests: queryStrings.map((text) => Object.fromEntries(new URLSearchParams(text))),
  reading,
  notes,
})

const mentionsOfGroups = (query: GroupQuery): Parameters<Knowledge['gather']>[1] => ({
  filter: query,
  names: query.groupBy,
  children: [],
})

/** One request each; a list of all object structures is not asked about at once. */
const MAX_RIGHTS = 50
const NOTHING: Select = { fields: [] }
