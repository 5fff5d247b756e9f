import { z } from 'zod'
import { claimRules, namesSomebody, type ClaimRule } from '../../crypto/claim-rules.ts'
import { MAX_MACHINE_KEYS } from '../../crypto/machine-proof.ts'
import { readPastedKeys, type PastedKey, type PastedProblem } from '../../crypto/pasted-keys.ts'
import {
  PRESETS,
  PROFILES,
  RISKS,
  type Preset,
  type RateProfile,
  type Risk,
} from '../../crypto/restrictions.ts'
import type { WorkloadIssuer } from '../../crypto/workload-issuers.ts'
import { canonicalNetwork } from '../../kernel/address.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { GRANTABLE_SCOPES, narrowScope } from '../authorize/scopes.ts'
import { cleanClientName } from '../clients/client-name.ts'

/** Fields of the form as typed, each once. Line breaks count in the keys alone. */
export type Typed = Readonly<Record<string, string>>

/** What a machine client is to prove itself by, as its owner asked for it. */
export type AskedProof =
  | { readonly kind: 'keys'; readonly keys: readonly PastedKey[] }
  | { readonly kind: 'secret' }
  | {
      readonly kind: 'workload'
      readonly issuer: string
      readonly audience: string
      readonly rules: readonly ClaimRule[]
    }

export interface AskedMachine {
  readonly name: string
  readonly env: string
  readonly scp: string
  readonly prf: RateProfile
  readonly proof: AskedProof
  readonly obj: Preset | undefined
  readonly rsk: Risk
  readonly net: string | undefined
}

/** `null`: not a form of ours. */
export function readTyped(body: unknown): Typed | null {
  const read = z.record(z.string(), z.string()).safeParse(body)
  if (!read.success) return null
  const isSound = Object.entries(read.data).every(
    ([name, value]) => !CONTROL.test(name === 'keys' ? value.replace(/[\r\n\t]/g, '') : value),
  )
  return isSound ? read.data : null
}

interface Offered {
  readonly issuers: readonly WorkloadIssuer[]
  readonly audiences: readonly string[]
}

/** Reads the registration form. A refusal is a sentence for the person who filled it in. */
export async function readMachineForm(typed: Typed, offered: Offered): Promise<Result<AskedMachine, string>> {
  const name = (typed['name'] ?? '').trim()
  if (name === '') return err('Give the machine client a name.')
  const scopes = SCOPES.filter((scope) => typed[`scope:${scope}`] !== undefined)
  const scp = narrowScope(scopes.join(' '), SCOPES.join(' '))
  if (scopes.length === 0 || scp === null) return err('Choose at least one thing that it may do.')
  const prf = PROFILES.find((profile) => profile === typed['profile'])
  if (prf === undefined) return err('Choose how often it will call.')
  const limits = readLimits(typed)
  if (!limits.ok) return limits
  const proof = await readProof(typed, offered)
  if (!proof.ok) return proof
  const env = typed['env'] ?? ''
  return ok({ name: cleanClientName(name), env, scp, prf, proof: proof.value, ...limits.value })
}

const SCOPES = GRANTABLE_SCOPES.map(({ scope }) => scope)

function readLimits(typed: Typed): Result<Pick<AskedMachine, 'obj' | 'rsk' | 'net'>, string> {
  const rsk = RISKS.find((risk) => risk === (typed['risk'] ?? 'low'))
  const obj = PRESETS.find((preset) => preset === typed['objects'])
  if (rsk === undefined || (obj === undefined && (typed['objects'] ?? '') !== ''))
    return err('Choose among what the form offers.')
  const networks = (typed['networks'] ?? '').split(/[ ,]+/).filter((network) => network !== '')
  const canonical = networks.flatMap((network) => canonicalNetwork(network) ?? [])
  if (canonical.length !== networks.length || networks.length > 4)
    return err('Write addresses as networks, like 192.0.2.0/24: four at most.')
  return ok({ rsk, obj, net: canonical.length === 0 ? undefined : canonical.join(' ') })
}

async function readProof(typed: Typed, offered: Offered): Promise<Result<AskedProof, string>> {
  const kind = typed['proof']
  if (kind === 'workload') return readWorkload(typed, offered)
  if (kind === 'secret') return ok({ kind })
  if (kind !== 'keys') return err('Choose how it proves who it is.')
  const keys = await readPastedKeys(typed['keys'] ?? '', MAX_MACHINE_KEYS)
  return keys.ok ? ok({ kind, keys: keys.value }) : err(KEY_PROBLEMS[keys.error])
}

function readWorkload(typed: Typed, { issuers, audiences }: Offered): Result<AskedProof, string> {
  const issuer = issuers.find((one) => one.issuer === typed['issuer'])
  const audience = audiences.find((one) => one === typed['audience'])
  if (issuer === undefined || audience === undefined) return err('Choose a platform and an audience.')
  const rows = RULE_ROWS.map((row) => ({
    claim: (typed[`claim${row}`] ?? '').trim(),
    match: typed[`match${row}`],
    value: (typed[`value${row}`] ?? '').trim(),
  })).filter(({ claim, value }) => claim !== '' || value !== '')
  const rules = claimRules.safeParse(rows)
  if (!rules.success)
    return err('Each rule needs a claim and a value without blanks; a beginning has to end with “/” or “:”.')
  if (!namesSomebody(rules.data, issuer.identity_claims))
    return err(`One rule has to name whose workload it is: ${issuer.identity_claims.join(', ')}.`)
  return ok({ kind: 'workload', issuer: issuer.issuer, audience, rules: rules.data })
}

/** What is wrong with pasted keys, for whoever pasted them. */
export const KEY_PROBLEMS: Readonly<Record<PastedProblem, string>> = {
  none: 'Paste a public key.',
  unreadable: 'This is no public key that can be read: paste PEM, a JWK or a JWK set.',
  private:
    'This is a private key, and it has been shown to this page now. Make a new one and paste its public half.',
  weak: 'This key cannot be used: RSA needs 2048 bits at least; else P-256, P-384 or Ed25519.',
  twice: 'The same key stands here twice.',
  too_many: `There can be ${MAX_MACHINE_KEYS} keys at most.`,
}

export const RULE_ROWS = [1, 2, 3, 4] as const
const CONTROL = /[\u0000-\u001F\u007F]/
