import { completeNumberOf } from '../resources/complete/keys.ts'
import { completeObject } from '../resources/complete/objects.ts'
import { rank } from '../resources/complete/rank.ts'
import { completeSite } from '../resources/complete/sites.ts'
import type { PromptArgument } from './prompt.ts'

/** What records, sites and people are called in Maximo. */
const CODE = { pattern: /^[\p{L}\p{N}_.-]{1,30}$/u, form: 'letters, digits, ".", "-" and "_", at most 30' }
/** What a person says in their own words. */
const WORDS = { pattern: /^[^\p{Cc}\p{Cf}]{3,500}$/u, form: 'a sentence of 3 to 500 characters, on one line' }

export const site: PromptArgument = {
  ...CODE,
  description: 'Site; your own unless given',
  isOptional: true,
  complete: completeSite,
}
export const workOrder: PromptArgument = {
  ...CODE,
  description: 'Number of the work order',
  complete: completeNumberOf('MXAPIWODETAIL', 'wonum'),
}
export const ticket: PromptArgument = {
  ...CODE,
  description: 'Number of the service request',
  complete: completeNumberOf('MXAPISR', 'ticketid'),
}
export const asset: PromptArgument = {
  ...CODE,
  description: 'Number of the asset',
  complete: completeNumberOf('MXAPIASSET', 'assetnum'),
}
export const storeroom: PromptArgument = {
  ...CODE,
  description: 'Storeroom',
  complete: completeNumberOf('MXAPIINVENTORY', 'location'),
}
export const crew: PromptArgument = { ...CODE, description: 'Crew; all unless given', isOptional: true }
export const object: PromptArgument = {
  description: 'Object structure, such as mxapiasset',
  pattern: /^[A-Za-z0-9_]{1,60}$/,
  form: 'the name of an object structure',
  complete: completeObject,
}
export const day: PromptArgument = {
  description: 'First day of the week, such as 2026-11-30',
  pattern: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
  form: 'a day such as 2026-11-30',
}
export const month: PromptArgument = {
  description: 'Month, such as 2026-10',
  pattern: /^\d{4}-(?:0[1-9]|1[0-2])$/,
  form: 'a month such as 2026-10',
}
export const words = (description: string): PromptArgument => ({ ...WORDS, description })

/** One of a few names. */
export const oneOf = (description: string, names: readonly string[]): PromptArgument => ({
  description,
  pattern: new RegExp(`^(?:${names.join('|')})$`),
  form: `one of ${names.join(', ')}`,
  complete: (typed) => Promise.resolve(rank(typed, names)),
})
