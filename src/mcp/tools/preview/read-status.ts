import type { DomainValue } from '../../../maximo/contract.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { Meanings } from '../lists/states.ts'
import { instantText } from '../result/answer-text.ts'
import { statusList, statusValues } from '../status/status-values.ts'
import type { ToolContext } from '../tool.ts'
import type { Spoken } from './spoken.ts'
import type { SpokenSubject } from './subjects.ts'

/** What people say for the states that have another name. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  in_progress: ['in progress', 'under way', 'being worked on'],
  cancelled: ['cancelled', 'canceled'],
  overdue: ['overdue', 'late', 'past due'],
  completed: ['completed', 'finished', 'done'],
  decommissioned: ['decommissioned', 'out of service'],
}

/**
 * Status words, by the status list of this environment: first its own descriptions and values ("waiting on material"),
 * then states by meaning ("open"), each with all its synonyms.
 */
export async function readStatus(
  spoken: Spoken,
  {
    subject,
    schema,
    atMs,
  }: { readonly subject: SpokenSubject; readonly schema: ObjectSchema; readonly atMs: number },
  context: ToolContext,
): Promise<readonly Condition[]> {
  const domain = subject.meanings?.domain ?? schema.fields.get('status')?.domainId ?? null
  if (domain === null) return []
  const exact = exactValues(spoken, await statusList(domain, context))
  if (exact.length > 0) return [{ field: 'status', op: 'in', value: exact }]
  return subject.meanings === undefined ? [] : readStates(spoken, subject.meanings, atMs, context)
}

async function readStates(
  spoken: Spoken,
  meanings: Meanings,
  atMs: number,
  context: ToolContext,
): Promise<readonly Condition[]> {
  const found: Condition[] = []
  for (const state of Object.keys(meanings.internal)) {
    const words = takeState(spoken, state)
    if (words === null) continue
    const values = await statusValues(meanings, state, context)
    if (!values.ok || values.value.length === 0) {
      spoken.refuse(words)
      continue
    }
    spoken.note(words, `status in ${values.value.join(', ')}`)
    found.push({ field: 'status', op: 'in', value: values.value }, ...overdue(meanings, state, atMs))
  }
  return found
}

function takeState(spoken: Spoken, state: string): string | null {
  for (const said of [state, ...(SAID[state] ?? [])]) {
    const words = spoken.takeWords(said)
    if (words !== null) return words
  }
  return null
}

const overdue = ({ overdue: late }: Meanings, state: string, atMs: number): readonly Condition[] =>
  late?.state === state ? [{ field: late.field, op: 'lt', value: instantText(atMs) }] : []

/** A value or its description, and every synonym of it where it is the internal value itself. */
function exactValues(spoken: Spoken, list: readonly DomainValue[]): readonly string[] {
  const byLength = [...list].sort((a, b) => (b.description?.length ?? 0) - (a.description?.length ?? 0))
  const values = byLength.flatMap((one) => {
    const words = takeDescription(spoken, one) ?? takeValue(spoken, one)
    if (words === null) return []
    const meant = synonymsOf(one, list)
    spoken.note(words, `status in ${meant.join(', ')}`)
    return meant
  })
  return [...new Set(values)]
}

/** "approved" alone, and "waiting on material" where it is written out. */
const takeDescription = (spoken: Spoken, { description }: DomainValue): string | null =>
  description === null || GENERIC.has(description.toLowerCase()) ? null : spoken.takeWords(description)

/** These are states by meaning, which say more. */
const GENERIC: ReadonlySet<string> = new Set([
  'completed',
  'closed',
  'canceled',
  'cancelled',
  'in progress',
  'new',
  'queued',
  'pending',
  'resolved',
  'active',
])

/** A value is meant where it is written as one: in capitals. */
function takeValue(spoken: Spoken, { value }: DomainValue): string | null {
  if (value !== value.toUpperCase() || !/^[A-Z][A-Z0-9 ]{1,19}$/.test(value)) return null
  return (
    spoken.take(new RegExp(`(?<= )(?:(?:in|with|of) )?(?:status )?${value}(?=[ ,.?!])`, 'u'))?.[0] ?? null
  )
}

const synonymsOf = ({ value, internal }: DomainValue, list: readonly DomainValue[]): readonly string[] =>
  internal === value
    ? [...new Set(list.filter((other) => other.internal === internal).map((other) => other.value))]
    : [value]
