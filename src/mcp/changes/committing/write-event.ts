import type { AuditEvent } from '../../../audit/event.ts'
import type { Plan, PlannedRecord } from '../plan.ts'

type WriteEvent = Pick<
  AuditEvent,
  | 'eventType'
  | 'operation'
  | 'principal'
  | 'resource'
  | 'action'
  | 'responseCode'
  | 'masInstance'
  | 'grantId'
  | 'clientId'
  | 'environmentId'
>

/** What every event about one record of a change says, whoever writes it and when. */
export const writeEvent = ({ wanted, label, at }: PlannedRecord, plan: Plan): WriteEvent => ({
  eventType: 'maximo.write',
  operation: `${wanted.op} ${plan.tool}`,
  principal: plan.sub,
  resource: `${wanted.object} ${at === null ? 'new' : label}`.slice(0, 200),
  action: wanted.op,
  responseCode: null,
  masInstance: plan.host,
  ...{ grantId: plan.gid, clientId: plan.cid, environmentId: plan.env },
})
