/** What a reason code of Maximo means for whoever asked (maximo-api §7): `docs/maximo-errors.md` is this table. */
export interface ReasonSentences {
  /** A whole sentence: what is the matter. */
  readonly cause: string
  /** What to do about it; null: what is to be done about every fault of its kind. */
  readonly remedy: string | null
}

/** Null for a code that we do not know. */
export const reasonSentences = (code: string): ReasonSentences | null => REASONS.get(code) ?? null

/** Every code that has sentences. */
export const explainedCodes = (): readonly string[] => [...REASONS.keys()]

type Line = readonly [code: string, cause: string, remedy?: string]

const lines = (all: readonly Line[]): readonly (readonly [string, ReasonSentences])[] =>
  all.map(([code, cause, remedy = null]) => [`BMXAA${code}`, { cause, remedy }] as const)

const CREDENTIALS = lines([
  ['0011E', 'Maximo refused the login.'],
  ['0020E', 'Maximo refused the login.'],
  ['0021E', 'Maximo saw no login: no credential reached it, or a session without one took its place.'],
  ['0025E', 'Maximo refused the login.'],
  ['0026E', 'Maximo refused the login.'],
  ['0033I', 'The Maximo session is no longer valid.'],
  [
    '2283E',
    'The password of the Maximo user has expired.',
    'Change the password in Maximo, then store the new one for this environment. Do not try again before that.',
  ],
  ['4122E', 'Maximo refused the login.'],
  ['5646I', 'Maximo ended the session.'],
  [
    '7901E',
    'Maximo does not let this user log in: wrong password, or the account is blocked or inactive.',
    'Ask a Maximo administrator to look at the account; then store the right credential for this environment. Do not try again before that.',
  ],
  ['7902E', 'Maximo could not reset the password.', 'Ask a Maximo administrator to reset it.'],
  ['9486E', 'The Maximo session is no longer valid.'],
  ['9549E', 'The Maximo API key is invalid, expired or revoked.'],
])

const RIGHTS = lines([
  [
    '0024E',
    'The Maximo user may not do this with this object.',
    'Ask a Maximo administrator for the right to this action in the application that guards the object.',
  ],
  ['1671I', 'The Maximo user may not enter here.', 'Ask a Maximo administrator which right is missing.'],
  [
    '9051E',
    'The Maximo user has no right to the management metrics.',
    'Ask a Maximo administrator for the right to them.',
  ],
  ['9301E', 'The Maximo user has no right to this object structure.'],
])

const ABSENT = lines([
  [
    '1283E',
    'This object structure is not enabled for the API.',
    'Ask a Maximo administrator to enable it, or use another object.',
  ],
  [
    '4187E',
    'The object has no such relationship.',
    'Use a relation or child object that describe_object lists.',
  ],
  ['4216E', 'Maximo has no object of this name.'],
  [
    '8727E',
    'Maximo has no record of this id, or the user may not see it.',
    'Look for the record by its key or with a query.',
  ],
  [
    '8807E',
    'The pages of this query were kept for five idle minutes and are gone.',
    'Ask the query again from the first page.',
  ],
  [
    '9510E',
    'This page of the query was given already and is not kept.',
    'Ask the query again from the first page.',
  ],
])

const QUESTIONS = lines([
  [
    '10051E',
    'This Maximo user has an API key already, and can have only one.',
    'Use that key, or revoke it first.',
  ],
  [
    '4185E',
    'A field of the query exists only while a record is open and cannot be filtered or sorted by.',
    'Leave that field out of the filters and the order.',
  ],
  [
    '8741E',
    'The object has no saved query of this name, or one of its parameters is missing.',
    'Check the name, letter case included, and the parameters.',
  ],
  [
    '8742E',
    'A field of the query does not exist on this object in this Maximo.',
    'Check the names with describe_object.',
  ],
  ['8744E', 'Maximo could not read the filter or the order.'],
  ['8815E', 'This cannot be done with a whole collection.', 'Name one record.'],
  ['8823E', 'Maximo does not take content of this type here.', 'Report it to the operator of this server.'],
])

const LIMITS = lines([
  [
    '2249E',
    'The file is larger than this Maximo takes.',
    'Use a smaller file, or ask a Maximo administrator to raise the limit.',
  ],
  ['7387E', 'The query finds more than this Maximo gives at once.'],
])

const CONFLICTS = lines([
  ['4200E', 'Somebody else changed the record meanwhile.'],
  ['8229W', 'Somebody else changed the record since it was read.'],
  [
    '9524E',
    'This change was sent to Maximo already, under the same transaction id.',
    'Do not send it again: read the record to see that it is there.',
  ],
])

const RULES = lines([
  ['0032E', 'The record has this status already.', 'Nothing is left to do, unless another status was meant.'],
  [
    '0090E',
    'The asset does not exist at this site or is not in operation.',
    'Choose an asset that is operating at the site of the record.',
  ],
  ['0130E', 'A rule of Maximo does not accept the value.'],
  [
    '1872E',
    'The change would delete a material transaction that is posted.',
    'Send child rows only to add or change some; posted transactions are reversed, not deleted.',
  ],
  ['2661E', 'The location does not exist at this site.', 'Choose a location of the site of the record.'],
  [
    '4049E',
    'A text is longer than the field holds; a memo holds 50 characters on some installations.',
    'Shorten it.',
  ],
  [
    '4129E',
    'A record with this key exists already.',
    'Change that record, or leave the number out so that Maximo gives one.',
  ],
  [
    '4147E',
    'The item set is missing: Maximo could not tell which items the organization uses.',
    'Name the site and organization, and the item by its number.',
  ],
  ['4153E', 'The site does not exist or is not active.', 'Choose one of the sites that get_context names.'],
  [
    '4190E',
    'The value is not in the value list of its field.',
    'Choose one of the values that describe_object lists for the field.',
  ],
  [
    '4195E',
    'A required value is missing; for an attachment, the server has no place to keep it.',
    'Fill in the required field; for an attachment, ask a Maximo administrator about the storage of documents.',
  ],
  ['4198E', 'A rule of Maximo does not accept the value.'],
  [
    '4510E',
    'Maximo asks a question about asset or location before it changes this.',
    'Decide it: the choices are part of the change.',
  ],
  [
    '4590E',
    'The status cannot be changed like this.',
    'Read which statuses the record may move to, and choose one of them.',
  ],
  [
    '4638E',
    'From its present status the record cannot be initiated again.',
    'Read which statuses the record may move to, and choose one of them.',
  ],
  [
    '4679E',
    'The record must be waiting for approval before this status.',
    'Read which statuses the record may move to, and choose one of them.',
  ],
  [
    '4721E',
    'Maximo asks a question about asset or location before it changes this.',
    'Decide it: the choices are part of the change.',
  ],
  [
    '4722E',
    'Maximo asks whether asset and location shall follow each other before it changes this.',
    'Decide it: the choices are part of the change.',
  ],
  [
    '5598E',
    'One document of several was not accepted.',
    'Look at the result of each, correct that one and send it alone.',
  ],
  ['8284E', 'A rule of Maximo does not accept the value.'],
  [
    '9766E',
    'This change needs an electronic signature.',
    'Make it in Maximo itself, where the person signs.',
  ],
  ['9860E', 'A rule of Maximo does not accept the value.'],
])

const MAINTENANCE = lines([['0578E', 'Maximo is in admin mode: its database is being configured.']])

const REASONS: ReadonlyMap<string, ReasonSentences> = new Map([
  ...CREDENTIALS,
  ...RIGHTS,
  ...ABSENT,
  ...QUESTIONS,
  ...LIMITS,
  ...CONFLICTS,
  ...RULES,
  ...MAINTENANCE,
])
