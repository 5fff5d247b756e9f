import { sitesOf } from '../../tools/read/sites.ts'
import { whoAmI } from '../../tools/read/who-am-i.ts'
import type { Complete } from '../resource.ts'
import { rank } from './rank.ts'

/** The sites that the Maximo user may see, else the ones that are the user's own; those first. */
export const completeSite: Complete = async (typed, _given, context) => {
  const [{ defaultSite, insertSite }, sites] = await Promise.all([whoAmI(context), sitesOf(context)])
  const own = [defaultSite, insertSite].filter((one) => one !== null)
  return [...new Set([...rank(typed, own), ...rank(typed, sites?.map(({ site }) => site) ?? [])])]
}
