import { meetsRules } from '../../crypto/claim-rules.ts'
import type { PortalEntry, PortalEntryData } from './entries.ts'

export type Machine = PortalEntryData<'machine.registered'>
export type WorkloadMachine = Machine & { readonly proof: Extract<Machine['proof'], { kind: 'workload' }> }

/** Machine clients of this portal's journal: what pages show, and who a workload's token may be about. */
export class Machines {
  readonly #byId = new Map<string, { readonly machine: Machine; readonly atMs: number }>()

  fold(entry: PortalEntry): void {
    if (entry.type !== 'machine.registered') return
    const { data: machine, atMs } = entry
    // The latest root is the one that counts, whichever portal's journal comes first.
    if ((this.#byId.get(machine.cid)?.atMs ?? 0) <= atMs) this.#byId.set(machine.cid, { machine, atMs })
  }

  find(cid: string): Machine | null {
    return this.#byId.get(cid)?.machine ?? null
  }

  /** Those whose rules the claims of a workload's token meet. Nothing is proven by it. */
  matching(claims: Readonly<Record<string, unknown>>): readonly WorkloadMachine[] {
    const known = [...this.#byId.values()].map(({ machine }) => machine)
    return known.filter(isWorkload).filter(({ proof }) => concerns(claims, proof))
  }
}

export const isWorkload = (machine: Machine): machine is WorkloadMachine => machine.proof.kind === 'workload'

/** Whether a token, if it is genuine, is one that these rules mean. */
export const concerns = (
  claims: Readonly<Record<string, unknown>>,
  { issuer, audience, rules }: WorkloadMachine['proof'],
): boolean => claims['iss'] === issuer && claims['aud'] === audience && meetsRules(claims, rules)
