import { atOnce } from '../../kernel/at-once.ts'
import type { Metrics } from '../../kernel/metrics.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Admission } from '../admission/admission.ts'
import type { Refusal } from '../admission/refusal.ts'

/** Admission, with every decision counted and both of its stages timed. It decides nothing. */
export function meteredAdmission(admission: Admission, metrics: Metrics, clock: Clock): Admission {
  const count = countRefusals(metrics)
  const admitted = metrics.counter(
    'maximo_mcp_admissions_total',
    'What admission decided, by family of refusal.',
    ['outcome'],
  )
  const passed = admitted.labels('admitted')
  const refused = (refusal: Refusal): void => {
    admitted.inc({ outcome: refusal.reason })
    count(refusal)
  }
  const seconds = metrics.duration(
    'maximo_mcp_admission_seconds',
    'Stages of admission: the token and its caches (identify), the one store call (admit).',
    ['stage'],
  )
  const identifying = seconds.labels('identify')
  const admitting = seconds.labels('admit')
  const units = metrics.counter('maximo_mcp_quota_units_total', 'Units of quotas that were spent.')
  const secondsSince = (startedMs: number): number => (clock.monotonicMs() - startedMs) / 1000
  return {
    identify: (request, door) => {
      const startedMs = clock.monotonicMs()
      return atOnce(admission.identify(request, door), (caller) => {
        identifying.observe(secondsSince(startedMs))
        if (!caller.ok) refused(caller.error)
        return caller
      })
    },
    admit: async (caller, demand) => {
      const startedMs = clock.monotonicMs()
      const outcome = await admission.admit(caller, demand)
      admitting.observe(secondsSince(startedMs))
      if (!outcome.ok) refused(outcome.error)
      else {
        passed.inc()
        if (demand.kind === 'tool') units.inc(demand.costUnits)
      }
      return outcome
    },
    limitFields: (caller) => admission.limitFields(caller),
    answer: (reply, refusal, where) => admission.answer(reply, refusal, where),
  }
}

/** Which limit it was, and what was silent. */
function countRefusals(metrics: Metrics): (refusal: Refusal) => void {
  const limited = metrics.counter('maximo_mcp_limited_total', 'Calls refused by a limit, by its name.', [
    'limit',
  ])
  const silent = metrics.counter(
    'maximo_mcp_unavailable_total',
    'Calls answered 503, by what could not be asked.',
    ['why'],
  )
  return (refusal) => {
    if (refusal.reason === 'limited') limited.inc({ limit: refusal.limit })
    if (refusal.reason === 'unavailable') silent.inc({ why: refusal.why })
  }
}
