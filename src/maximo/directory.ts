import type { DomainValue, MaximoCall, ObjectStructureInfo, WhoAmI } from './contract.ts'
import { MaximoFault } from './fault.ts'
import type { JsonObject } from './json.ts'
import { isObject, listOf, textOf } from './json.ts'
import { quoteText } from './query/literal.ts'
import { renderParameters } from './query/parameters.ts'
import { readEveryValue } from './records/every-value.ts'
import type { MaximoSession } from './session.ts'

/** `/whoami` (maximo-api §1.4). @throws MaximoFault; without a user name the answer is no profile */
export const readWhoAmI = async (session: MaximoSession, call: MaximoCall): Promise<WhoAmI> => {
  const body = await session.get({ segments: ['whoami'], queryString: renderParameters([]) }, call)
  const profile = isObject(body) ? body : {}
  const text = (name: string): string | null => textOf(profile[name]) ?? textOf(profile[`spi:${name}`])
  const userName = text('userName') ?? text('loginUserName') ?? text('loginID') ?? text('personid')
  if (userName === null) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  return {
    userName,
    personId: text('personid'),
    displayName: text('displayName'),
    email: text('email'),
    defaultSite: text('defaultSite'),
    insertSite: text('insertSite'),
    defaultOrg: text('defaultOrg'),
    language: text('langcode') ?? text('baseLang'),
    timeZone: text('timezone') ?? text('systimezone'),
  }
}

/** `/apimeta`: IBM shows no whole body, so any list of entries that name an object structure will do. */
export const readObjectStructures = async (
  session: MaximoSession,
  call: MaximoCall,
): Promise<readonly ObjectStructureInfo[]> => {
  const body = await session.get({ segments: ['apimeta'], queryString: renderParameters([]) }, call)
  const found = new Map<string, ObjectStructureInfo>()
  for (const entry of entriesOf(body)) {
    const name = nameOf(entry)
    if (name !== null)
      found.set(name, { name, description: textOf(entry['description']) ?? textOf(entry['title']) })
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Synonym domains first (they have internal values), then ALN domains. Empty: neither has it. */
export const readDomain = async (
  domainId: string,
  session: MaximoSession,
  call: MaximoCall,
): Promise<readonly DomainValue[]> => {
  const synonyms = await readValues('MXAPISYNONYMDOMAIN', domainId, { session, call })
  return synonyms.length > 0 ? synonyms : readValues('MXAPIALNDOMAIN', domainId, { session, call })
}

const readValues = async (
  objectStructure: string,
  domainId: string,
  { session, call }: { readonly session: MaximoSession; readonly call: MaximoCall },
): Promise<readonly DomainValue[]> => {
  const quoted = quoteText(domainId.toUpperCase())
  if (!quoted.ok) return []
  const internal = objectStructure === 'MXAPISYNONYMDOMAIN' ? ',maxvalue,defaults' : ''
  const parameters = [
    ['oslc.where', `domainid=${quoted.value}`],
    ['oslc.select', `value,description,siteid,orgid${internal}`],
    // What tells the values apart, so that none is missed between two pages.
    ['oslc.orderBy', `+value,+siteid,+orgid${internal === '' ? '' : ',+maxvalue'}`],
  ] as const
  const segments = ['os', objectStructure.toLowerCase()]
  const rows = await readEveryValue(session, { segments, objectStructure, parameters }, call)
  return rows.flatMap(toDomainValue)
}

/** A row of a synonym or ALN domain; none for any other row. */
export const toDomainValue = (row: JsonObject): readonly DomainValue[] => {
  const value = textOf(row['value'])
  if (value === null) return []
  return [
    {
      value,
      internal: textOf(row['maxvalue']),
      description: textOf(row['description']),
      isDefault: row['defaults'] === true,
      siteId: textOf(row['siteid']),
      orgId: textOf(row['orgid']),
    },
  ]
}

const entriesOf = (body: unknown): readonly JsonObject[] => {
  if (Array.isArray(body)) return body.filter(isObject)
  if (!isObject(body)) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  const members = listOf(body['member'])
  if (members.length > 0) return members.filter(isObject)
  return Object.entries(body).flatMap(([name, entry]) =>
    isObject(entry) ? [{ osName: name, ...entry }] : [],
  )
}

const nameOf = (entry: JsonObject): string | null => {
  const named = ['osName', 'osname', 'intobjectname', 'name', 'resource']
    .map((key) => textOf(entry[key]))
    .find((name) => name !== null)
  const name = named ?? textOf(entry['href'])?.split(/[?#]/)[0]?.split('/').at(-1) ?? ''
  return OBJECT_STRUCTURE.test(name) ? name.toUpperCase() : null
}

const OBJECT_STRUCTURE = /^[A-Za-z][A-Za-z0-9_]{0,29}$/
