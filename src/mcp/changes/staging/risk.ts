import { RISKS, type Risk } from '../../../crypto/restrictions.ts'
import { isEveryday, isFinance } from './business-objects.ts'
import type { Wanted } from '../plan.ts'
import { changedChildren } from './touched.ts'

/** What decides how much a change can hurt, beside what it wants. */
export interface Circumstances {
  readonly wanted: readonly Wanted[]
  /** Internal values of the statuses that records move to, in the order of `wanted`; null where none does. */
  readonly movesTo: readonly (string | null)[]
  /** Business objects that each of `wanted` writes to, whatever the structures are called; upper case. */
  readonly writesTo?: readonly (readonly string[])[]
  /** The owner says it is a production environment, and its Maximo user is an administrator. */
  readonly isProductionAdmin: boolean
  /** Its content was taken over from text that anybody could have typed. */
  readonly isFromUntrusted: boolean
  /** It answers a question that Maximo asked. */
  readonly isAnswer?: boolean
}

export interface RatedRisk {
  readonly risk: Risk
  /** One sentence per rule that raised it. */
  readonly because: readonly string[]
}

/** What Maximo says about one of them. */
interface Seen {
  readonly movesTo: string | null
  readonly writesTo: readonly string[]
}

interface Rule {
  readonly risk: Risk
  readonly because: string
  readonly applies: (one: Wanted, seen: Seen) => boolean
}

/** The one table: a record has the risk of the first rule that applies to it; what none knows is medium. */
const RULES: readonly Rule[] = [
  { risk: 'high', because: 'It deletes a record.', applies: ({ op }) => op === 'delete' },
  {
    risk: 'high',
    because: 'It removes a row of a record.',
    applies: (one) => changedChildren(one).some(([, rows]) => rows.some(({ action }) => action === 'delete')),
  },
  {
    risk: 'high',
    because: 'It concerns money: purchasing, invoices or stock value.',
    applies: (_one, { writesTo }) => isFinance(writesTo),
  },
  {
    risk: 'high',
    because:
      'It writes to what is no part of everyday work: users, rights, settings, or an object not known here.',
    applies: (_one, { writesTo }) => !writesTo.every((name) => isEveryday(name)),
  },
  {
    risk: 'high',
    because: 'The status it sets is final.',
    applies: (one, { movesTo }) => one.op === 'status' && FINAL.has(movesTo ?? one.status.toUpperCase()),
  },
  {
    risk: 'high',
    because: 'Maximo does not say whether the status it sets is final.',
    applies: (one, { movesTo }) => one.op === 'status' && movesTo === null,
  },
  {
    risk: 'high',
    because: 'It answers a workflow in somebody’s name.',
    applies: ({ op }) => op === 'answer',
  },
  {
    risk: 'low',
    because: 'It only adds a note or a meter reading.',
    applies: (one, { writesTo }) => isNote(one, writesTo) || isReading(one, writesTo),
  },
]

/** How much a change can hurt: of all its records the most, then what its circumstances add. */
export function rateRisk({
  wanted,
  movesTo,
  writesTo = [],
  isProductionAdmin,
  isFromUntrusted,
  isAnswer = false,
}: Circumstances): RatedRisk {
  const rules = wanted.map(
    (one, index) =>
      RULES.find((rule) =>
        rule.applies(one, { movesTo: movesTo[index] ?? null, writesTo: writesTo[index] ?? [] }),
      ) ?? MEDIUM,
  )
  const own = highest(rules.map(({ risk }) => risk))
  const reasons = new Set(rules.filter(({ risk }) => risk === own).map(({ because }) => because))
  const raised: RatedRisk[] = [
    ...(wanted.length > MANY
      ? [{ risk: 'high', because: [`It changes more than ${MANY} records.`] } as const]
      : []),
    ...(isProductionAdmin && own !== 'low' ? [{ risk: 'high', because: [PRODUCTION_ADMIN] } as const] : []),
    ...(isAnswer ? [{ risk: 'medium', because: [ANSWER] } as const] : []),
    ...(isFromUntrusted ? [{ risk: above(own), because: [UNTRUSTED] }] : []),
  ]
  const risk = highest([own, ...raised.map((one) => one.risk)])
  return { risk, because: [...reasons, ...raised.flatMap(({ because }) => because)] }
}

const MEDIUM: Rule = { risk: 'medium', because: 'It changes a record.', applies: () => true }
const MANY = 10
const PRODUCTION_ADMIN = 'It is a production environment, and its Maximo user is an administrator.'
const ANSWER = 'It answers a question that Maximo asks before it writes.'
const UNTRUSTED = 'It takes over text that somebody typed into Maximo.'

export const rankOf = (risk: Risk): number => RISKS.indexOf(risk)
const highest = (risks: readonly Risk[]): Risk => RISKS[Math.max(...risks.map(rankOf))] ?? 'high'
const above = (risk: Risk): Risk => RISKS[rankOf(risk) + 1] ?? 'high'

const isNote = (one: Wanted, writesTo: readonly string[]): boolean =>
  one.op === 'update' &&
  Object.keys(one.values).length === 0 &&
  Object.values(one.children ?? {}).every((rows) => rows.every(({ action }) => action === 'add')) &&
  writesTo.length > 1 &&
  writesTo.slice(1).every((name) => name === 'WORKLOG')

const isReading = (one: Wanted, writesTo: readonly string[]): boolean =>
  isReadingOf(one) && writesTo.length > 0 && writesTo.every((name) => METERS.has(name))

/** Whether nothing but a reading is written. */
export const isReadingOf = (one: Wanted): boolean =>
  one.op === 'update' &&
  one.children === undefined &&
  Object.keys(one.values).length > 0 &&
  Object.keys(one.values).every((field) => READING.has(field))

const METERS: ReadonlySet<string> = new Set(['ASSETMETER', 'LOCATIONMETER'])
const READING: ReadonlySet<string> = new Set(['newreading', 'newreadingdate'])

/** Internal values (maximo-api §8.2) behind which a record is frozen, or history. */
const FINAL: ReadonlySet<string> = new Set([
  'CLOSE',
  'CAN',
  'CLOSED',
  'CANCELLED',
  'CANCEL',
  'REJECTED',
  'PAID',
])
