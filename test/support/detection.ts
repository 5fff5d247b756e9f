import type { AuditEvent } from '../../src/audit/event.ts'
import type { Settled } from '../../src/audit/detection/cool-downs.ts'
import type { Detection } from '../../src/crypto/detection.ts'
import { Detector } from '../../src/audit/detection/detector.ts'
import type { About } from '../../src/audit/detection/observe.ts'
import { detectionFile } from '../../src/audit/detection/policy.ts'
import { Metrics } from '../../src/kernel/metrics.ts'
import { MemoryStore } from '../../src/kernel/store/memory-store.ts'
import type { Store } from '../../src/kernel/store/contract.ts'
import { aCall } from './audit.ts'
import { manualClock, type ManualClock } from './clock.ts'
import { captureLog } from './log.ts'

export interface Watch {
  readonly detector: Detector
  readonly clock: ManualClock
  readonly store: Store
  readonly metrics: Metrics
  readonly raised: Detection[]
  readonly settled: Settled[]
  /** As when the disk is full. */
  failWriting(fails: boolean): void
  /** Hears an event so many times, then judges. */
  hear(event: AuditEvent, times?: number): Promise<void>
}

/** What a service would know: `production` environments are of production. */
export const TEST_ABOUT: About = {
  isFailedSignIn: ({ eventType, reason }) => eventType === 'auth.attempt' && reason === 'token_pre_tag',
  ownerOf: ({ principal, clientId }) =>
    principal ?? (clientId?.startsWith('mxm_') === true ? 'user_1' : null),
  isProduction: ({ environmentId }) => environmentId === 'production',
}

/** A detector of one process. */
export function watch(
  options: { readonly file?: unknown; readonly store?: Store; readonly clock?: ManualClock } = {},
): Watch {
  const clock = options.clock ?? manualClock()
  const store = options.store ?? new MemoryStore(clock)
  const metrics = new Metrics('mcp')
  const raised: Detection[] = []
  const settled: Settled[] = []
  let isFull = false
  const detector = new Detector({
    ...{ store, clock, metrics, log: captureLog().log },
    policy: detectionFile.parse(options.file ?? {}),
    about: TEST_ABOUT,
    tell: {
      raised: async (one) => {
        if (isFull) throw new Error('the disk is full')
        raised.push(one)
      },
      settled: async (one) => void settled.push(one),
    },
  })
  return {
    ...{ detector, clock, store, metrics, raised, settled },
    failWriting: (fails) => (isFull = fails),
    async hear(event, times = 1) {
      for (let time = 0; time < times; time += 1) detector.hear(event)
      await detector.settle()
    },
  }
}

export const aFailure = (bend: Partial<AuditEvent> = {}): AuditEvent => ({
  ...aCall({ eventType: 'auth.attempt', outcome: 'refused', reason: 'token_pre_tag', principal: null }),
  ...{ authMethod: 'bearer', responseCode: 401, recordCount: 0 },
  ...bend,
})

export const aDenial = (bend: Partial<AuditEvent> = {}): AuditEvent =>
  aCall({ eventType: 'auth.attempt', outcome: 'refused', reason: 'scope_missing', grantId: 'g1', ...bend })

/** A call of a pipeline in production. */
export const aPipelineCall = (bend: Partial<AuditEvent> = {}): AuditEvent =>
  aCall({
    ...{ authMethod: 'ci_token', grantId: 'g1', clientId: 'automation', environmentId: 'production' },
    ...bend,
  })

/** As it is journaled; of the time at which a manual clock begins. */
export const aDetection = (bend: Partial<Detection> = {}): Detection => ({
  ...{ id: 'd'.repeat(22), rule: 'data_volume', subject: { kind: 'grant', id: 'g1' }, owners: ['user_1'] },
  ...{ atMs: 1_795_305_600_000, untilMs: 1_795_392_000_000, count: 2, limit: 1, windowMs: 60_000 },
  ...{ correlationIds: ['c1'], addresses: ['192.0.2.7'] },
  ...bend,
})
