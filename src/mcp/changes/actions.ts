import type { Wanted } from './plan.ts'

type ActionWanted = Extract<Wanted, { readonly op: 'action' }>

/** What a method of Maximo does, as far as it can be seen afterwards. */
interface Action {
  /** Fields that it sets, by what its parameters say. */
  readonly sets?: (parameters: ActionWanted['parameters']) => Readonly<Record<string, string>>
  /** Object structure of the record that it makes out of its parameters. */
  readonly makes?: string
  /** A row that it adds to a child object. */
  readonly adds?: { readonly child: string; readonly values: Readonly<Record<string, string>> }
}

/** The methods that a change may call: a closed list, each with how one sees that it was done. */
const ACTIONS: Readonly<Record<string, Action>> = {
  'MXAPIASSET moveSingleAsset': {
    sets: ({ newlocation }) => ({ location: String(newlocation ?? '') }),
  },
  'MXAPIWODETAIL createFollowUp': {
    makes: 'MXAPIWODETAIL',
    adds: { child: 'relatedrecord', values: { relatetype: 'FOLLOWUP' } },
  },
  // Its plan says which row of the downtime history it leaves.
  'MXAPIWODETAIL downtimereport': {},
}

/** Null: no method that a change may call. */
export const actionOf = ({ object, method }: Pick<ActionWanted, 'object' | 'method'>): Action | null => {
  const name = `${object} ${method}`
  return Object.hasOwn(ACTIONS, name) ? (ACTIONS[name] ?? null) : null
}
