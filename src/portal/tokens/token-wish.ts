import {
  ACCESSES,
  addressRanges,
  isObjectName,
  MAX_OWN_RULES,
  MAX_RANGES,
  type ObjectRule,
  type ObjectsAsked,
  objectsAsked,
  PRESETS,
  rateProfile,
  type RateProfile,
  risk,
  type Risk,
  writeRules,
} from '../../crypto/restrictions.ts'
import { canonicalNetwork } from '../../kernel/address.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { GRANTABLE_SCOPES } from '../authorize/scopes.ts'
import type { Fields } from '../fields.ts'

/** What an owner wants of an automation token. */
export interface TokenWish {
  readonly name: string
  /** Environment id. */
  readonly env: string
  /** Space separated, in the order of the scope table. */
  readonly scp: string
  /** Absent: every object that scopes and Maximo allow. */
  readonly obj?: ObjectsAsked
  readonly prf: RateProfile
  readonly rsk: Risk
  /** Null: no expiry. */
  readonly lifeDays: number | null
  /** Networks, canonical, blank separated. Absent: any. */
  readonly net?: string
}

/** What is wrong with a form, by the name of the field it stands at. */
export type WishProblems = ReadonlyMap<string, string>

export const LIVES_DAYS = [30, 90, 180, 365] as const
export const MAX_NAME_CHARS = 60

export const scopeField = (scope: string): string => `scope.${scope}`

/** Reads the form whole: every problem is told at once, each at its field. */
export function readWish(fields: Fields): Result<TokenWish, WishProblems> {
  const problems = new Map<string, string>()
  const told = <T>(field: string, read: Result<T, string>): T | undefined => {
    if (read.ok) return read.value
    problems.set(field, read.error)
    return undefined
  }
  const name = told('name', readName(fields.find('name')))
  const env = told('env', given(fields.find('env'), 'Choose an environment.'))
  const scp = told('scope', readScope(fields))
  const obj = told('objects', readObjectsField(fields))
  const prf = told('prf', parsed(rateProfile.safeParse(fields.find('prf')), 'Choose a rate profile.'))
  const rsk = told('rsk', parsed(risk.safeParse(fields.find('rsk')), 'Choose a risk class.'))
  const lifeDays = told('life', readLife(fields.find('life')))
  const net = told('net', readNetworks(fields))
  if (obj !== undefined && scp !== undefined && isUseless(obj, scp))
    problems.set('objects', 'These objects may only be written, and none of the chosen scopes writes.')
  const read = { name, env, scp, prf, rsk, lifeDays }
  if (problems.size > 0 || !isWhole(read)) return err(problems)
  return ok({
    ...read,
    ...(obj === undefined || obj === 'all' ? {} : { obj }),
    ...(net === undefined || net === '' ? {} : { net }),
  })
}

type Demanded = Pick<TokenWish, 'name' | 'env' | 'scp' | 'prf' | 'rsk' | 'lifeDays'>
type Read = { readonly [K in keyof Demanded]: Demanded[K] | undefined }
const isWhole = (read: Read): read is Demanded => Object.values(read).every((value) => value !== undefined)

/** A token that could do nothing: its objects are for writing alone, its scopes for reading. */
const isUseless = (obj: ObjectsAsked, scp: string): boolean =>
  !scp.split(' ').includes('maximo:write') &&
  (obj === 'iot-ingest' || (obj.includes(':') && obj.split(' ').every((rule) => rule.endsWith(':w'))))

const given = (value: string | undefined, problem: string): Result<string, string> =>
  value === undefined ? err(problem) : ok(value)

const parsed = <T>(
  read: { readonly success: boolean; readonly data?: T },
  problem: string,
): Result<T, string> => (read.success && read.data !== undefined ? ok(read.data) : err(problem))

function readName(text: string | undefined): Result<string, string> {
  const name = text?.trim() ?? ''
  if (name === '') return err('Give the token a name that says what it is for.')
  return name.length > MAX_NAME_CHARS ? err(`A name has at most ${MAX_NAME_CHARS} characters.`) : ok(name)
}

function readScope(fields: Fields): Result<string, string> {
  const chosen = GRANTABLE_SCOPES.filter(({ scope }) => fields.find(scopeField(scope)) !== undefined)
  return chosen.length === 0 ? err('Choose at least one.') : ok(chosen.map(({ scope }) => scope).join(' '))
}

function readLife(text: string | undefined): Result<number | null, string> {
  if (text === 'none') return ok(null)
  const days = LIVES_DAYS.find((one) => String(one) === text)
  return days === undefined ? err('Choose when the token ends.') : ok(days)
}

function readObjectsField(fields: Fields): Result<ObjectsAsked, string> {
  const choice = fields.find('objects')
  if (choice === 'all') return ok('all')
  if (choice === 'own') return readOwnRules(fields)
  const preset = PRESETS.find((one) => one === choice)
  return preset === undefined ? err('Choose which objects the token may touch.') : ok(preset)
}

function readOwnRules(fields: Fields): Result<ObjectsAsked, string> {
  const rules: ObjectRule[] = []
  for (let row = 1; row <= MAX_OWN_RULES; row += 1) {
    const object = fields.find(`object${row}`)?.trim().toUpperCase()
    if (object === undefined || object === '') continue
    if (!isObjectName(object)) return err(`Row ${row}: an object structure is named like MXAPIASSET.`)
    if (rules.some((rule) => rule.object === object)) return err(`${object} stands there twice.`)
    const access = ACCESSES.find((one) => one === fields.find(`access${row}`))
    if (access === undefined) return err(`Row ${row}: choose what may be done with ${object}.`)
    rules.push({ object, access })
  }
  return rules.length === 0
    ? err('Name at least one object structure.')
    : parsed(objectsAsked.safeParse(writeRules(rules)), 'The objects cannot be read.')
}

function readNetworks(fields: Fields): Result<string, string> {
  const networks: string[] = []
  for (let row = 1; row <= MAX_RANGES; row += 1) {
    const text = fields.find(`net${row}`)?.trim() ?? ''
    if (text === '') continue
    const network = canonicalNetwork(text)
    if (network === null)
      return err(`Network ${row} is none: write 203.0.113.0/24, 2001:db8::/32 or one address.`)
    networks.push(network)
  }
  const written = [...new Set(networks)].join(' ')
  if (written === '') return ok('')
  return parsed(addressRanges.safeParse(written), 'The networks are too long together.')
}
