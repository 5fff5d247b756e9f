import type { Audit } from '../audit/audit.ts'
import { ConfigError } from '../kernel/env.ts'
import { type FileChange, FollowedFile } from '../kernel/followed-file.ts'
import type { Log } from '../kernel/log.ts'
import type { Metrics } from '../kernel/metrics.ts'
import { DEFAULT_LIMITS, type LimitPolicy } from './admission/limits.ts'
import { DEFAULT_PLANS, readPlans, type Plans } from './admission/plans.ts'
import type { McpConfig } from './config.ts'
import { parseLimits, parsePlans } from './operator-files.ts'

export interface LivePolicyDeps {
  readonly audit: Pick<Audit, 'write'>
  readonly log: Log
  readonly metrics: Metrics
  readonly instanceId: string
}

type Files = Pick<McpConfig, 'plansFile' | 'limitsFile'>

/**
 * Plans and limits as they stand. Their files are read again when they change, on SIGHUP and every few seconds; a file that
 * cannot be used whole changes nothing, is told to the operator (`/readyz`, figures, log) and stands in the audit log.
 */
export class LivePolicy {
  /** These two say what counts at the moment they are asked. */
  readonly plans: Plans
  readonly limits: LimitPolicy
  readonly #deps: LivePolicyDeps
  readonly #files: readonly FollowedFile<unknown>[]

  /** @throws ConfigError on a file that cannot be used */
  constructor({ plansFile, limitsFile }: Files, deps: LivePolicyDeps) {
    this.#deps = deps
    const plans = this.#follow('PLANS_FILE', plansFile, parsePlans)
    const limits = this.#follow('LIMITS_FILE', limitsFile, parseLimits)
    this.plans = livePlans(() => plans?.value ?? BUILT_IN_PLANS)
    this.limits = liveLimits(() => limits?.value ?? DEFAULT_LIMITS)
    this.#files = [plans, limits].filter((file) => file !== null)
    deps.metrics.gauges(
      {
        name: 'maximo_mcp_settings_refused',
        help: '1 while a file of the operator was changed and cannot be used.',
        label: 'file',
      },
      () => ({ PLANS_FILE: refused(plans), LIMITS_FILE: refused(limits) }),
    )
  }

  /** Another number whenever something else counts. */
  get revision(): number {
    return this.#files.reduce((sum, { changes }) => sum + changes, 0)
  }

  /** What an operator has to mend. */
  notes(): readonly string[] {
    return this.#files.flatMap(({ name, problem }) =>
      problem === null
        ? []
        : [`${name} cannot be used as it is now; what it said before counts on: ${problem}`],
    )
  }

  /** @param isUrged also where a file looks untouched. Never rejects. */
  async look(isUrged = false): Promise<void> {
    for (const file of this.#files) {
      try {
        await file.look(isUrged)
      } catch (error) {
        this.#deps.log.error({ err: error, event: 'settings.not_recorded', file: file.name })
      }
    }
  }

  /** Looks every so often until it is told to stop. */
  watch(everyMs = LOOK_EVERY_MS): () => Promise<void> {
    const timer = setInterval(() => void this.look(), everyMs)
    timer.unref()
    return () => {
      clearInterval(timer)
      return Promise.resolve()
    }
  }

  #follow<T>(
    name: string,
    path: string | undefined,
    parse: (text: string | null) => T,
  ): FollowedFile<T> | null {
    return path === undefined
      ? null
      : new FollowedFile({ ...{ name, path, parse, problemOf }, record: (change) => this.#record(change) })
  }

  /** What cannot be looked up later does not come into force. */
  async #record({ name, problem, digest }: FileChange): Promise<void> {
    const { audit, instanceId, log } = this.#deps
    await audit.write({
      eventType: 'settings.changed',
      operation: 'reload',
      outcome: problem === null ? 'success' : 'refused',
      ...{ principal: instanceId, authMethod: null, resource: name, action: null },
      ...{ responseCode: null, sourceIP: null, correlationId: null },
      ...(problem !== null && { reason: digest === null ? 'file_unreadable' : 'file_unusable' }),
    })
    log[problem === null ? 'info' : 'error']({ event: 'settings.changed', file: name, digest, problem })
  }
}

const livePlans = (now: () => Plans): Plans => ({
  featureOf: (toolset) => now().featureOf(toolset),
  quotaOf: (facts) => now().quotaOf(facts),
  secondApprovers: (plan, risk) => now().secondApprovers(plan, risk),
})

const liveLimits = (now: () => LimitPolicy): LimitPolicy => ({
  get profile() {
    return now().profile
  },
  get tool() {
    return now().tool
  },
  get concurrent() {
    return now().concurrent
  },
})

const refused = (file: FollowedFile<unknown> | null): number => ((file?.problem ?? null) === null ? 0 : 1)

const problemOf = (error: unknown): string =>
  error instanceof ConfigError ? error.problems.join('; ') : 'it cannot be used'

const BUILT_IN_PLANS = readPlans(DEFAULT_PLANS)
const LOOK_EVERY_MS = 2_000
