import type { Choice, WriteQuestion } from '../../../maximo/write/contract.ts'
import { isScope } from '../../admission/scopes.ts'
import type { Answer } from '../plan.ts'
import type { Proposal } from './proposal.ts'
import type { ChangeReport } from '../report.ts'
import type { StageRequest } from './stage.ts'

/** A question that Maximo asked over one record of a change, and what it is answered. */
export interface Answered {
  /** Number of the record. */
  readonly index: number
  readonly question: WriteQuestion
  readonly choice: Choice
}

/** What of a change was not written, to be planned anew against the records as they are now. */
export function leftOf({ plan, records }: ChangeReport, answered: Answered | null = null): StageRequest {
  const { tool: name, title, scopes, reason, fromUntrusted, together } = plan
  const proposals = plan.records.flatMap((planned, index): Proposal[] => {
    if (records[index]?.outcome === 'written') return []
    const { wanted, at, answers = [] } = planned
    const given = answered?.index === index ? [...answers, answerOf(answered)] : answers
    const again = wanted.op === 'create' || at === null ? wanted : { ...wanted, record: at.id }
    return [{ ...again, ...(given.length > 0 && { answers: given }) }]
  })
  return {
    tool: { name, title, scopes: scopes.filter(isScope) },
    reason,
    isFromUntrusted: fromUntrusted,
    ...(together === true && proposals.length > 1 && { isTogether: true }),
    proposals,
  }
}

const answerOf = ({ question: { id, code, untrusted }, choice }: Answered): Answer => ({
  ...{ question: id, code, text: untrusted, choice },
})

/** The record of a change at which Maximo asked something. Null: at none. */
export function askedAt({ records }: ChangeReport): number | null {
  const index = records.findIndex(({ outcome, why }) => outcome === 'not_written' && why === 'question')
  return index < 0 ? null : index
}
