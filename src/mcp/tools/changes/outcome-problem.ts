import type { ChangeReport, ReportedRecord } from '../../changes/report.ts'
import { shownDiff, type Plan } from '../../changes/plan.ts'
import { visible } from '../result/visible.ts'
import type { ProblemKind, ToolProblem } from '../problem/tool-problem.ts'

/** What did not go as planned, as the caller of a commit reads it. @param anew the plan that stands for what is left */
export function outcomeProblem(report: ChangeReport, anew: Plan | null): ToolProblem {
  const { state, records } = report
  const sentences = records.map(({ sentence }) => sentence).filter((one) => one !== null && one !== '')
  return {
    kind: kindOf(report),
    what: `${HEADS[state] ?? ''} ${records.slice(0, MOST).map(lineOf).join('; ')}.`,
    why: sentences.length === 0 ? null : visible(sentences.slice(0, 2).join(' ')),
    next: nextOf(report, anew),
    ...(anew !== null && { untrusted: diffText(anew) }),
  }
}

function kindOf({ state, records }: ChangeReport): ProblemKind {
  if (state === 'partly_written') return 'partly_written'
  if (state === 'unknown' || state === 'unclear' || state === 'writing') return 'unknown_outcome'
  const why = records.find(({ outcome }) => outcome === 'not_written')?.why ?? ''
  return Object.hasOwn(KINDS, why) ? (KINDS[why] ?? 'refused') : 'refused'
}

/** By the word of the first record that was not written; what is not here was refused by a rule of Maximo. */
const KINDS: Readonly<Record<string, ProblemKind>> = {
  conflict: 'conflict',
  missing: 'not_found',
  denied: 'not_permitted',
  not_permitted: 'not_permitted',
  invalid: 'invalid_value',
  credentials_rejected: 'credentials_rejected',
  rate_limited: 'rate_limited',
  unavailable: 'upstream_down',
  unreachable: 'upstream_down',
  timeout: 'upstream_slow',
  deadline: 'upstream_slow',
  maintenance: 'maintenance',
  bad_upstream: 'bad_upstream',
  egress_refused: 'environment_refused',
}

const HEADS: Partial<Record<ChangeReport['state'], string>> = {
  not_written: 'Nothing was written:',
  partly_written: 'Only a part was written:',
  unknown: 'The answer of Maximo was lost, so one record may have been written:',
  unclear: 'It cannot be told whether one record was written:',
  writing: 'It is being written:',
}

const lineOf = ({ label, outcome, why }: ReportedRecord): string =>
  `${visible(label)} ${outcome}${why === null ? '' : ` (${why})`}`

function nextOf({ state, plan, records }: ChangeReport, anew: Plan | null): string {
  if (anew !== null)
    return `${STAGED_ANEW} ${anew.id}; what it does now stands below. Look at it, then commit_change with that id.`
  if (state === 'unknown' || state === 'writing')
    return `get_change with change_id ${plan.id} looks into Maximo in a minute. Do not stage it again before that.`
  if (records.some(({ why }) => why === 'question'))
    return `get_change with change_id ${plan.id} shows the question. answer_question stages what is left with an answer, for a person to agree to.`
  if (state === 'unclear')
    return 'Read the record in Maximo and decide by what it holds; nothing is sent again.'
  return 'Read the records, correct what was refused and stage the rest as a new change. This one is not sent again.'
}

/** One line, in which no text can begin another: values are JSON. */
const diffText = ({ records }: Plan): string =>
  records
    .flatMap((planned) =>
      shownDiff(planned).map(
        ({ field, before, after }) =>
          `${planned.label} ${field} ${JSON.stringify(before)} to ${JSON.stringify(after)}`,
      ),
    )
    .map((line) => visible(line.slice(0, 120)))
    .slice(0, 4)
    .join('; ')

const STAGED_ANEW = 'What is left was checked against the record as it is now and staged anew as change'
const MOST = 5
