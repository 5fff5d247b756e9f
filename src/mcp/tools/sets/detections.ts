import { z } from 'zod'
import { SEVERITIES, SEVERITY } from '../../../crypto/detection.ts'
import { ok } from '../../../kernel/result.ts'
import type { OwnDetection } from '../own/own-records.ts'
import { instantText } from '../result/answer-text.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { defineTool } from '../tool.ts'

const COLUMNS = [
  'time',
  'rule',
  'severity',
  'about',
  'subject',
  'client',
  'count',
  'limit',
  'window_minutes',
  'more',
  'until',
  'tool',
  'from',
  'correlation_ids',
]

export const listDetections = defineTool({
  toolset: 'admin',
  isOnRequest: true,
  scopes: ['maximo:admin'],
  effect: 'read',
  risk: 'none',
  costUnits: 1,
  reachesOutside: false,
  name: 'list_detections',
  title: 'List security detections',
  description:
    'Suspicious patterns that this server noticed about your connections within 30 days, the newest first: failed sign-ins, unusual hours, data volume, new addresses, refused scopes, errors. search_audit_log finds the calls behind correlation_ids.',
  input: z.strictObject({
    severity: z.enum(SEVERITIES).optional(),
    state: z.enum(['open', 'closed', 'all']).default('open').describe('open: more of the same is counted'),
    limit: z.int().min(1).max(200).default(25),
  }),
  output: tableOutput,
  run({ severity, state, limit }, context) {
    const nowMs = context.clock.nowMs()
    const { detections, isWhole } = context.own.detections(context.admitted.caller.facts)
    const found = detections.filter(
      ({ detection: { rule, untilMs } }) =>
        (severity === undefined || SEVERITY[rule] === severity) &&
        (state === 'all' || nowMs < untilMs === (state === 'open')),
    )
    const answer = tableAnswer(
      {
        columns: COLUMNS,
        rows: found.slice(0, limit).map(cells),
        total: isWhole ? found.length : null,
        untrusted: ['client'],
        notes: [
          ...(isWhole && found.length <= limit
            ? []
            : ['There are older ones: narrow by severity, or raise limit.']),
          'What the portal noticed at its token endpoint stands on the pages of the portal.',
        ],
        whenCut: 'ask for a smaller limit.',
      },
      context,
    )
    return Promise.resolve(ok(answer))
  },
})

const cells = ({ detection, clientName }: OwnDetection): readonly unknown[] => [
  ...[instantText(detection.atMs), detection.rule, SEVERITY[detection.rule]],
  ...[detection.subject.kind, detection.subject.id, clientName, detection.count, detection.limit],
  ...[Math.round(detection.windowMs / 60_000), detection.more, instantText(detection.untilMs)],
  ...[detection.tool ?? null, detection.addresses.join(' '), detection.correlationIds.join(' ')],
]
