import { domainRows } from '../domain-values.ts'
import type { Row } from '../plant/plant.ts'
import { nextStates } from '../status-machine.ts'
import type { JsonObject, Json } from './json.ts'
import type { ItemTask } from './task.ts'

/** The pseudo-attributes `allowedstates` and `allowedactions` (maximo-api §6.3); objects without a status have neither. */
export function renderAllowed(task: ItemTask, name: 'allowedstates' | 'allowedactions'): void {
  const states = allowedStates(task)
  if (states === null) return
  task.draft[task.item.alias ?? name] = name === 'allowedstates' ? states : ACTIONS
}

/** By internal value: the values a client may send, those of the record's site included. */
function allowedStates({ row, level, context }: ItemTask): JsonObject | null {
  const domain = level.mbo.attributes.get('status')?.domain ?? null
  if (domain === null) return null
  const values = domainRows(context.plant, domain).filter((value) => isForSite(value, row))
  const current = values.find((value) => value['value'] === row['status'])
  const internal = nextStates(domain, String(current?.['maxvalue']), context.rules)
  if (internal === null) return null
  return Object.fromEntries(
    internal.map((state): [string, Json] => [
      state,
      values.filter((value) => value['maxvalue'] === state).map(describeState),
    ]),
  )
}

const isForSite = (value: Row, record: Row): boolean =>
  value['siteid'] === undefined || value['siteid'] === record['siteid']

const describeState = (value: Row): JsonObject => ({
  valueid: String(value['valueid']),
  value: String(value['value']),
  maxvalue: String(value['maxvalue']),
  description: String(value['description']),
  defaults: value['defaults'] === true,
  siteid: String(value['siteid'] ?? ''),
  orgid: String(value['orgid'] ?? ''),
})

const ACTIONS: JsonObject = {
  changeStatus: { httpmethod: 'POST', type: 'wsmethod' },
  statuslist: { httpmethod: 'GET', type: 'system' },
}
