import { z } from 'zod'
import { ok } from '../../../kernel/result.ts'
import type { RecentEvent } from '../../../audit/recent-events.ts'
import { readIsoTime } from '../../../kernel/clock.ts'
import { originOf } from '../result/as-of.ts'
import type { QuotaUse } from '../../admission/quota-use.ts'
import type { Connection } from '../own/own-records.ts'
import { instantText } from '../result/answer-text.ts'
import { plainOutput, tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { visibleJson } from '../result/visible.ts'
import { defineTool, type ToolFacts } from '../tool.ts'

const FACTS: Omit<ToolFacts, 'name' | 'title' | 'description' | 'toolset'> = {
  isOnRequest: true,
  scopes: [],
  effect: 'read',
  risk: 'none',
  costUnits: 1,
  reachesOutside: false,
}

export const getUsage = defineTool({
  ...FACTS,
  toolset: 'core',
  name: 'get_usage',
  title: 'My usage and limits',
  description: 'Units spent and left of the day and the month, and the rates of this connection.',
  input: z.strictObject({}),
  output: plainOutput,
  async run(_input, context) {
    const { facts } = context.admitted.caller
    const { day, month, limits } = await context.own.usage(facts)
    const text = visibleJson({
      ...originOf(context),
      plan: facts.plan.plan,
      day: spending('units_per_day', day),
      month: spending('units_per_month', month),
      rates: {
        profile: facts.profile,
        calls: limits.profile,
        reading_tool: limits.tool.read,
        writing_tool: limits.tool.write,
      },
      calls_at_once: limits.concurrent,
    })
    return ok({ text, recordCount: 1 })
  },
})

const spending = (name: string, { used, atMost, endsMs }: QuotaUse): object => ({
  units_used: used,
  [name]: atMost,
  units_left: atMost === null || used === null ? null : Math.max(0, atMost - used),
  ends: instantText(endsMs),
})

const CONNECTIONS = [
  'connection',
  'kind',
  'client',
  'environment',
  'scopes',
  'made',
  'state',
  'last_used',
  'this',
]

export const listSessions = defineTool({
  ...FACTS,
  toolset: 'admin',
  name: 'list_sessions',
  title: 'List my connections',
  description:
    'Clients and tokens that are connected as you, as this server attested them. revoke_session ends one.',
  input: z.strictObject({}),
  output: tableOutput,
  async run(_input, context) {
    const { facts } = context.admitted.caller
    const connections = await context.own.connections(facts)
    const rows = connections.map((one) => cells(one, facts.grantId))
    return ok(
      tableAnswer(
        {
          columns: CONNECTIONS,
          rows,
          untrusted: ['client', 'environment'],
          whenCut: 'the portal shows all of them.',
        },
        context,
      ),
    )
  },
})

const cells = ({ grant, environment, isEnded, lastUse }: Connection, own: string): readonly unknown[] => [
  grant.gid,
  grant.machine !== undefined ? 'machine client' : grant.knd === 'ci' ? 'automation token' : 'client',
  grant.clientName,
  environment,
  grant.scp,
  instantText(grant.at),
  isEnded ? 'ended' : 'in force',
  lastUse === null ? null : instantText(lastUse.atMs),
  grant.gid === own,
]

const EVENTS = [
  'time',
  'event',
  'operation',
  'outcome',
  'reason',
  'object',
  'records',
  'ms',
  'client',
  'connection',
  'from',
  'correlation_id',
]
const instant = z.iso.datetime({ offset: true }).optional()

export const searchAuditLog = defineTool({
  ...FACTS,
  toolset: 'admin',
  name: 'search_audit_log',
  title: 'Search my audit log',
  description:
    'Your own recent events at this server, the newest first: calls, refusals, changes. Values of arguments are not in the log. The operator keeps all of it in the audit log.',
  input: z.strictObject({
    operation: z.string().min(1).max(80).optional().describe('tool or method'),
    object: z.string().min(1).max(60).optional(),
    outcome: z.enum(['success', 'refused', 'failed']).optional(),
    correlation_id: z.string().min(1).max(64).optional().describe('also the error id of an answer'),
    from: instant,
    to: instant,
    limit: z.int().min(1).max(200).default(50),
  }),
  output: tableOutput,
  async run({ limit, ...asked }, context) {
    const found = await context.own.events(context.admitted.caller.facts, {
      matches: matching(asked),
      atMost: limit,
    })
    const rows = found.events.map((event) => [
      ...[event.timestamp, event.eventType, event.operation, event.outcome, event.reason ?? null],
      ...[
        event.resource,
        event.recordCount,
        event.duration_ms,
        event.clientId ?? null,
        event.grantId ?? null,
      ],
      ...[event.sourceIP, event.correlationId],
    ])
    const notes = found.isWhole ? [] : ['There are older events: narrow by time, or raise limit.']
    return ok(
      tableAnswer(
        {
          columns: EVENTS,
          rows,
          total: found.isWhole ? rows.length : null,
          notes,
          whenCut: 'ask for a smaller limit.',
        },
        context,
      ),
    )
  },
})

interface Asked {
  readonly operation?: string | undefined
  readonly object?: string | undefined
  readonly outcome?: string | undefined
  readonly correlation_id?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** Times are compared as instants: the log writes UTC, a caller any offset. */
function matching(asked: Asked): (event: RecentEvent) => boolean {
  const [from, to] = [asked.from, asked.to].map((text) => (text === undefined ? null : readIsoTime(text)))
  const same = (wanted: string | undefined, value: string | null): boolean =>
    wanted === undefined || value?.toLowerCase() === wanted.toLowerCase()
  const within = (timestamp: string): boolean => {
    const ms = readIsoTime(timestamp) ?? 0
    return (from ?? ms) <= ms && ms <= (to ?? ms)
  }
  return (event) =>
    same(asked.operation, event.operation) &&
    same(asked.object, event.resource) &&
    same(asked.outcome, event.outcome) &&
    same(asked.correlation_id, event.correlationId) &&
    within(event.timestamp)
}
