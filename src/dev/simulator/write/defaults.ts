import { BmxError } from '../errors.ts'
import type { Value } from '../plant/plant.ts'
import { kindOf } from '../schema/attribute.ts'
import type { Mbo } from '../schema/mbo.ts'
import { statusObject } from '../status-objects.ts'
import { ruleOf, type Draft } from './object-rules.ts'
import type { Target } from './read-attributes.ts'
import type { Saving } from './saving.ts'

/**
 * The site of a new record: what it says, else the writer's insert site.
 *
 * @throws BmxError BMXAA4153E for a site that does not exist or is not the writer's.
 */
export function placeInSite(target: Target, draft: Draft, { db, user }: Saving): void {
  const attribute = target.mbo.attributes.get('siteid')
  if (attribute === undefined || 'siteid' in target.forced) return
  if (!attribute.required && draft['siteid'] === undefined && target.mbo.name !== 'TICKET') return
  const siteid = draft['siteid'] ?? user.defaultSite
  if (!user.sites.includes(String(siteid)) || db.find('SITE', 'siteid', siteid).length === 0) {
    const about = { attribute: 'siteid', object: target.object, value: String(siteid) }
    throw new BmxError(400, 'BMXAA4153E', `${String(siteid)} is not a valid site.`, about)
  }
  draft['siteid'] = siteid
}

/** Numbers a new record and fills what it was not given; what is required and has a natural zero gets it. */
export function fillDefaults(target: Target, draft: Draft, saving: Saving): void {
  const { mbo } = target
  const rule = ruleOf(mbo.name)
  if (mbo.attributes.has('orgid')) draft['orgid'] ??= orgOf(draft, saving)
  if (rule.autoNumber !== undefined)
    draft[rule.autoNumber] ??= saving.db.autoNumber(mbo.name, rule.autoNumber)
  rule.fill?.(draft, saving)
  const kind = statusObject(mbo.name)
  if (kind !== null) draft['status'] = kind.initial
  for (const { name } of mbo.attributes.values()) {
    if (name !== mbo.uniqueId) draft[name] ??= naturalDefault(mbo, name, saving)
  }
}

function orgOf(draft: Draft, { db, user }: Saving): Value | undefined {
  return db.find('SITE', 'siteid', draft['siteid'] ?? user.defaultSite)[0]?.['orgid']
}

const PEOPLE = new Set(['changeby', 'enterby', 'createby'])
const MOMENTS = new Set(['changedate', 'enterdate', 'createdate', 'statusdate', 'transdate', 'orderdate'])

function naturalDefault(mbo: Mbo, name: string, { db, user, clock }: Saving): Value | undefined {
  if (PEOPLE.has(name)) return user.userId
  if (MOMENTS.has(name)) return clock.nowMs()
  if (name === 'itemsetid') return db.rows('ORGANIZATION')[0]?.['itemsetid']
  const attribute = mbo.attributes.get(name)
  if (attribute?.required !== true) return undefined
  if (kindOf(attribute) === 'boolean') return false
  return ZERO_BY_DEFAULT.has(attribute.subType) ? 0 : undefined
}

const ZERO_BY_DEFAULT = new Set(['AMOUNT', 'DECIMAL', 'DURATION'])
