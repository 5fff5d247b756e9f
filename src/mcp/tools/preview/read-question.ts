import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { dayAt } from '../read/days.ts'
import { findSchema } from '../read/object-schema.ts'
import { sitesWithRows } from '../read/site.ts'
import { sitesOf, type Site } from '../read/sites.ts'
import { whoAmI } from '../read/who-am-i.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { readNames } from './read-names.ts'
import { readStatus } from './read-status.ts'
import { readTimes } from './read-times.ts'
import { Spoken, type Understood } from './spoken.ts'
import { SUBJECTS, type Role, type SpokenSubject } from './subjects.ts'

/** A question in plain words as a query, with what each part was taken for. */
export interface ReadQuestion {
  readonly schema: ObjectSchema
  readonly conditions: readonly Condition[]
  /** Undefined: the question names none. */
  readonly site: string | undefined
  /** It asks how many, by these fields. */
  readonly groupBy: readonly string[] | null
  readonly understood: readonly Understood[]
  readonly notUnderstood: readonly string[]
}

/** @param object names the object structure where the question shall not decide */
export async function readQuestion(
  question: string,
  object: string | undefined,
  context: ToolContext,
): Promise<Result<ReadQuestion, ToolProblem>> {
  const spoken = new Spoken(question)
  const named = object === undefined ? subjectIn(spoken) : subjectOf(object)
  if (named === null) return err(NO_SUBJECT)
  const found = await findSchema(named.objectStructure, context)
  if (!found.ok) return found
  const schema = found.value
  const subject = fitting(named, schema)
  const atMs = context.clock.nowMs()
  const { timeZone } = await whoAmI(context)
  const groupBy = readGroups(spoken, subject)
  const conditions = [
    ...(subject.always ?? []),
    ...readTimes(spoken, subject, dayAt(atMs, timeZone)),
    ...readNames(spoken, subject),
  ]
  for (const word of subject.words) spoken.takeWords(word)
  conditions.push(...(await readStatus(spoken, { subject, schema, atMs }, context)))
  const site = await readSite(spoken, schema, context)
  return ok({
    ...{ schema, conditions, site, groupBy },
    understood: spoken.understood,
    notUnderstood: spoken.left(),
  })
}

const NO_SUBJECT: ToolProblem = {
  kind: 'invalid_input',
  what: 'The question does not say what kind of record it is about.',
  why: null,
  next: 'Name it in the question ("open work orders at Bedford"), or give "object": describe_object without arguments lists them.',
}

/** The kind that is named first; of several at the same place the longest name. */
function subjectIn(spoken: Spoken): SpokenSubject | null {
  const [first] = SUBJECTS.flatMap((subject) =>
    subject.words.map((words) => ({ subject, words, at: spoken.find(words) })),
  )
    .filter(({ at }) => at >= 0)
    .sort((a, b) => (a.at === b.at ? b.words.length - a.words.length : a.at - b.at))
  return first?.subject ?? null
}

const subjectOf = (object: string): SpokenSubject =>
  SUBJECTS.find(({ objectStructure }) => objectStructure === object.toUpperCase()) ?? {
    objectStructure: object,
    words: [],
    fields: { text: 'description' },
  }

/** Only what this Maximo has can be asked about. */
function fitting(subject: SpokenSubject, schema: ObjectSchema): SpokenSubject {
  const fields = Object.entries(subject.fields).filter(
    ([, field]) => field.includes('.') || schema.fields.has(field),
  )
  const always = subject.always?.filter(({ field }) => schema.fields.has(field)) ?? []
  return { ...subject, fields: Object.fromEntries(fields), always }
}

/** "how many … by status": groups that Maximo counts. Null: records are asked for. */
function readGroups(spoken: Spoken, { fields }: SpokenSubject): readonly string[] | null {
  const counts = COUNTS.map((words) => spoken.takeWords(words)).find((taken) => taken !== null)
  const match = spoken.take(GROUPED)
  const by = match === null ? [] : GROUP_FIELDS(match[1]?.toLowerCase() ?? '', fields)
  if (match !== null && by.length > 0) spoken.note(match[0], `grouped by ${by.join(', ')}`)
  if (match !== null && by.length === 0) spoken.refuse(match[0])
  if (counts === undefined) return by.length === 0 ? null : by
  spoken.note(counts, 'counted')
  return by
}

const COUNTS = ['how many', 'number of', 'count of', 'count']
const GROUPED =
  /(?<= )(?:grouped by|for each|by|per) (status|site|asset|location|vendor|priority|work type|type|person|lead)(?=[ ,.?!])/i

const GROUP_FIELDS = (word: string, fields: SpokenSubject['fields']): readonly string[] => {
  if (word === 'status') return ['status']
  if (word === 'site') return ['siteid']
  const role = GROUP_ROLES.get(word)
  const field = role === undefined ? undefined : fields[role]
  return field === undefined ? [] : [field]
}
const GROUP_ROLES: ReadonlyMap<string, Role> = new Map([
  ['asset', 'asset'],
  ['location', 'location'],
  ['vendor', 'vendor'],
  ['priority', 'priority'],
  ['work type', 'type'],
  ['type', 'type'],
  ['person', 'person'],
  ['lead', 'person'],
])

/** A site by its id or its name. */
async function readSite(
  spoken: Spoken,
  schema: ObjectSchema,
  context: ToolContext,
): Promise<string | undefined> {
  if (!schema.fields.has('siteid')) return undefined
  const everywhere = ['all sites', 'every site', 'any site'].map((words) => spoken.takeWords(words))
  if (everywhere.some((taken) => taken !== null)) {
    spoken.note('all sites', 'site *')
    return '*'
  }
  for (const { site, description } of await knownSites(schema, context)) {
    const words = spoken.takeWords(site) ?? (description === null ? null : spoken.takeWords(description))
    if (words === null) continue
    for (const filler of ['site', 'plant']) spoken.takeWords(filler)
    spoken.note(words, `site ${site}`)
    return site
  }
  return undefined
}

/** With their names where the user may read them. */
async function knownSites(schema: ObjectSchema, context: ToolContext): Promise<readonly Site[]> {
  const named = await sitesOf(context)
  if (named !== null) return named
  const ids = (await sitesWithRows(schema, context)) ?? []
  return ids.map((site) => ({ site, description: null }))
}
