import type { AuditQuery } from '../../audit/search.ts'
import { readIsoTime } from '../../kernel/clock.ts'

export const SELECTION_USAGE = `    --from <time> --to <time>   2026-11-26 or 2026-11-26T08:00Z; from is included, to is not
    --principal <id>            who: a user, a client, an instance
    --event <type>              mcp.call, or a whole kind: 'credential.*'
    --outcome success | refused | failed | intent
    --correlation <id>          everything about one request
    --environment <host or id>  the Maximo that was reached
    --tool <name>
    Each may be given more than once, but for the times: any of the values will do.`

const several = { type: 'string', multiple: true } as const

export const SELECTION_OPTIONS = {
  from: { type: 'string' },
  to: { type: 'string' },
  principal: several,
  event: several,
  outcome: several,
  correlation: several,
  environment: several,
  tool: several,
} as const

interface Selected {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly principal?: string[] | undefined
  readonly event?: string[] | undefined
  readonly outcome?: string[] | undefined
  readonly correlation?: string[] | undefined
  readonly environment?: string[] | undefined
  readonly tool?: string[] | undefined
}

/** @returns what is wrong, as a sentence, or the query */
export function readSelection(values: Selected): AuditQuery | string {
  const { principal, event: eventType, outcome, correlation: correlationId, environment, tool } = values
  const period = readPeriod(values.from, values.to)
  if (typeof period === 'string') return period
  const odd = outcome?.find((word) => !OUTCOMES.includes(word))
  if (odd !== undefined) return `There is no outcome “${odd}”: ${OUTCOMES.join(', ')}.`
  return {
    ...period,
    ...(principal !== undefined && { principal }),
    ...(eventType !== undefined && { eventType }),
    ...(outcome !== undefined && { outcome }),
    ...(correlationId !== undefined && { correlationId }),
    ...(environment !== undefined && { environment }),
    ...(tool !== undefined && { tool }),
  }
}

/** @returns what is wrong, as a sentence, or the period */
export function readPeriod(
  from: string | undefined,
  to: string | undefined,
): Pick<AuditQuery, 'fromMs' | 'toMs'> | string {
  const times = { fromMs: readTime(from), toMs: readTime(to) }
  if (times.fromMs === null) return `--from is no time: ${String(from)}`
  if (times.toMs === null) return `--to is no time: ${String(to)}`
  if (times.fromMs !== undefined && times.toMs !== undefined && times.fromMs >= times.toMs)
    return '--from must be before --to.'
  return {
    ...(times.fromMs !== undefined && { fromMs: times.fromMs }),
    ...(times.toMs !== undefined && { toMs: times.toMs }),
  }
}

/** A day begins in UTC. `null`: it is none. */
function readTime(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined
  return readIsoTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00Z` : text)
}

const OUTCOMES: readonly string[] = ['success', 'refused', 'failed', 'intent']
