import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { PROBE } from '../wire/probe.ts'

/** Creates a work order through the simulator's own API, as another client would. @returns its unique number */
export const insertWorkOrder = async (simulator: Simulator, description: string): Promise<number> => {
  const { apiKey } = simulator.accounts.of('planner@example.com')
  const response = await fetch(`${simulator.baseUrl}/api/os/mxapiwodetail?lean=1`, {
    method: 'POST',
    headers: { ...PROBE, apikey: apiKey, 'content-type': 'application/json', properties: 'workorderid' },
    body: JSON.stringify({ siteid: 'BEDFORD', description }),
  })
  if (response.status !== 201) throw new Error(`the work order was not created: ${response.status}`)
  const { workorderid } = (await response.json()) as { workorderid: number }
  return workorderid
}
