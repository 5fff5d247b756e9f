import type { MaximoCall, MaximoVersion } from './contract.ts'
import { MaximoFault } from './fault.ts'
import type { JsonObject } from './json.ts'
import { isObject, textOf } from './json.ts'
import { renderParameters } from './query/parameters.ts'
import type { MaximoSession } from './session.ts'

/**
 * Which Maximo this is: `maxupg` of `systeminfo` or, where that is refused, of the API's root (maximo-api §1.4). No whole
 * body of either is public, so what is not there is not known.
 */
export const readVersion = async (session: MaximoSession, call: MaximoCall): Promise<MaximoVersion> => {
  const facts = (await readFacts(['systeminfo'], session, call)) ?? (await readFacts([], session, call)) ?? {}
  const upgrade = textOf(facts['maxupg']) ?? ''
  const [, digits = '', build] = UPGRADE.exec(upgrade) ?? []
  return { release: releaseOf(digits) ?? plainRelease(facts), build: build ?? null }
}

const readFacts = async (
  segments: readonly string[],
  session: MaximoSession,
  call: MaximoCall,
): Promise<JsonObject | null> => {
  try {
    const body = await session.get({ segments, queryString: renderParameters([]) }, call)
    return isObject(body) && (textOf(body['maxupg']) ?? textOf(body['version'])) !== null ? body : null
  } catch (error) {
    if (error instanceof MaximoFault && REFUSALS.has(error.kind)) return null
    throw error
  }
}

/** `7613` is 7.6.1.3, `9100` is 9.1; 9.0.12 says `9012`, where nobody can tell the last two apart. */
const releaseOf = (digits: string): string | null => {
  const [major, minor, patch, fix] = digits
  if (major === undefined || minor === undefined) return null
  return major === '7'
    ? [major, minor, patch, fix].filter((part) => part !== undefined).join('.')
    : `${major}.${minor}`
}

const plainRelease = (facts: JsonObject): string | null =>
  /^\d{1,2}(?:\.\d{1,3}){1,3}/.exec(textOf(facts['version']) ?? '')?.[0] ?? null

const UPGRADE = /^V(\d{2,4})(?:-(\w{1,20}))?$/
const REFUSALS: ReadonlySet<string> = new Set(['not_permitted', 'not_found', 'invalid_query'])
