import type { z } from 'zod'
import type { introspection } from '../../crypto/internal-api.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import { isMachineClient } from '../../crypto/machine-proof.ts'
import { readRisk } from '../../crypto/restrictions.ts'
import {
  checkPreTag,
  openToken,
  readTokenShape,
  type OpenedToken,
  type OpenOptions,
} from '../../crypto/token-open.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { standingOf } from '../admission/admit.ts'
import type { AdmissionStore } from '../admission/store.ts'
import type { Records } from '../records/records.ts'
import { unavailable, type CallRefusal } from './call-refusal.ts'
import type { Act } from './signed-route.ts'

type Answer = z.input<typeof introspection.answer>

export interface IntrospectDeps {
  readonly records: Records
  readonly keys: () => McpKeys
  readonly admissionStore: AdmissionStore
  readonly tokens: OpenOptions
}

/**
 * Token introspection (RFC 7662 §2.2) for the operator: as this server would judge the token now, without spending anything
 * and without its credential. Why one is not active stands in the audit log; here it is `false` and nothing more.
 *
 * @throws StoreUnavailable
 */
export async function introspect(
  { token }: z.output<typeof introspection.ask>,
  deps: IntrospectDeps,
): Promise<Result<Act<Answer>, CallRefusal>> {
  if (!deps.records.isPrimed()) return err(unavailable('store_unprimed'))
  const opened = await open(token, deps)
  if (!opened.ok) return inactive(opened.error)
  const verdict = await deps.admissionStore.ask({
    marks: deps.records.requiredMarks(),
    standing: standingOf(opened.value),
    spending: {},
  })
  if (verdict.state === 'unprimed') return err(unavailable('store_unprimed'))
  if (verdict.state !== 'passed') return inactive(verdict.state, eventOf(opened.value))
  return ok({ answer: describe(opened.value), event: eventOf(opened.value) })
}

async function open(token: string, { keys, tokens }: IntrospectDeps): Promise<Result<OpenedToken, string>> {
  const shape = readTokenShape(token)
  if (!shape.ok) return shape
  const tagged = checkPreTag(shape.value, keys())
  return tagged.ok ? openToken(tagged.value, keys(), tokens) : tagged
}

const inactive = (reason: string, event: Act<Answer>['event'] = {}): Result<Act<Answer>, never> =>
  ok({ answer: { active: false }, event: { ...event, reason } })

const eventOf = ({ claims, receipt }: OpenedToken): NonNullable<Act<Answer>['event']> => ({
  tokenId: claims.jti,
  grantId: receipt.gid,
  clientId: receipt.cid,
  environmentId: receipt.env,
})

function describe({ claims, receipt, encryptionKid, signingKid, receiptKid }: OpenedToken): Answer {
  const { iss, aud, jti, iat, exp, scope, knd } = claims
  const { obj, net } = receipt
  return {
    ...{
      active: true,
      token_type: 'Bearer',
      scope,
      client_id: receipt.cid,
      sub: receipt.sub,
      iss,
      aud,
      jti,
      iat,
    },
    ...(exp === undefined ? {} : { exp }),
    kind: isMachineClient(receipt.cid) ? 'machine' : knd === 'ci' ? 'automation' : 'connection',
    grant_id: receipt.gid,
    environment: receipt.env,
    maximo_host: new URL(receipt.c.u).host,
    attested_at_ms: receipt.at,
    profile: receipt.prf,
    risk: readRisk(receipt.rsk),
    ...(obj === undefined ? {} : { objects: obj }),
    ...(net === undefined ? {} : { networks: net }),
    kids: [encryptionKid, signingKid, receiptKid],
  }
}
