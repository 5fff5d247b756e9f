import { RISKS, type Risk } from '../../crypto/restrictions.ts'
import type { Wanted } from './plan.ts'
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

/** The one table. A record has the highest risk of the rules that apply to it; what no rule knows is medium. */
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
    applies: ({ object }, { writesTo }) => isFinance(object, writesTo),
  },
  {
    risk: 'high',
    because: 'It concerns who may do what in Maximo, or how Maximo works.',
    applies: (_one, { writesTo }) => writesTo.some((name) => SYSTEM.has(name)),
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
    applies: (one) => isNote(one) || isReading(one),
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

const isNote = (one: Wanted): boolean =>
  one.op === 'update' &&
  Object.keys(one.values).length === 0 &&
  Object.entries(one.children ?? {}).every(
    ([child, rows]) => child === 'worklog' && rows.every(({ action }) => action === 'add'),
  )

const isReading = (one: Wanted): boolean =>
  one.op === 'update' &&
  METERS.has(one.object) &&
  one.children === undefined &&
  Object.keys(one.values).every((field) => READING.has(field))

/** Object structures whose records are money or become it: they also need the scope `maximo:finance`. */
export const FINANCE: ReadonlySet<string> = new Set([
  'MXAPIPO',
  'MXAPIPR',
  'MXAPIINVOICE',
  'MXAPIVENDOR',
  'MXAPIGLCOMP',
  'MXAPIRECEIPT',
  'MXRECEIPT',
])

/** The business objects behind them: any structure may be built on one, `MXPO` as well as one of a customer. */
const MONEY: ReadonlySet<string> = new Set([
  ...['PO', 'POLINE', 'POCOST', 'PR', 'PRLINE', 'PRCOST', 'RFQ', 'RFQLINE', 'QUOTATIONLINE'],
  ...['INVOICE', 'INVOICELINE', 'INVOICECOST', 'COMPANIES', 'MATRECTRANS', 'SERVRECTRANS', 'INVCOST'],
  ...['GLCOMPONENTS', 'CHARTOFACCOUNTS', 'CONTRACT', 'CONTRACTLINE', 'PURCHVIEW'],
])

/** Users, rights, keys, and what Maximo runs by itself: whoever writes them can give themselves everything else. */
const SYSTEM: ReadonlySet<string> = new Set([
  ...['MAXUSER', 'MAXGROUP', 'GROUPUSER', 'APPLICATIONAUTH', 'SECURITYRESTRICT', 'SITEAUTH', 'SIGOPTION'],
  ...['APIKEYTOKEN', 'MAXAPIKEY', 'MXAPIAPIKEY', 'MAXPROP', 'MAXPROPVALUE', 'MAXVARS'],
  ...['AUTOSCRIPT', 'SCRIPTLAUNCHPOINT', 'CRONTASKDEF', 'CRONTASKINSTANCE', 'ESCALATION', 'ACTION'],
  ...['MAXENDPOINT', 'MAXEXTSYSTEM', 'MAXINTOBJECT', 'MAXOBJECTCFG', 'MAXATTRIBUTECFG', 'MAXDOMAIN'],
  ...['SYNONYMDOMAIN', 'WFPROCESS'],
])

/** Whether writing this takes the scope `maximo:finance`. */
export const isFinance = (object: string, writesTo: readonly string[]): boolean =>
  FINANCE.has(object) || writesTo.some((name) => MONEY.has(name))

export const METERS: ReadonlySet<string> = new Set(['MXAPIASSETMETER', 'MXAPILOCATIONMETER'])
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
