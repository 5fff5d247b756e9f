import { DEFAULT_LIMITS, type LimitPolicy } from '../../../src/mcp/admission/limits.ts'
import type { Plan } from '../../../src/mcp/changes/plan.ts'
import type { DoorOptions } from '../mcp/mcp-door.ts'
import { openPlantDoor, type PlantDoor, type ToolReply } from '../maximo/plant-door.ts'

const LAVISH = { perMinute: 1_000_000, burst: 100_000 }
/** Whoever commits one plan fifty times at once is not to meet a limit. */
const LIMITS: LimitPolicy = {
  profile: { interactive: LAVISH, sync: LAVISH, reporting: LAVISH, batch: LAVISH, webhook: LAVISH },
  tool: { read: LAVISH, write: LAVISH },
  concurrent: { ...DEFAULT_LIMITS.concurrent, interactive: 1_000 },
}

export const SCOPE = 'maximo:read maximo:write maximo:finance'
export const PLANNER = 'planner@example.com'

/** The simulated plant behind the tools, for whoever changes it. */
export interface ChangedPlant extends PlantDoor {
  /** Stages a change with a tool of the catalog. @returns its id; fails the test with what the tool said instead */
  stage(tool: string, args: object, as?: string): Promise<string>
  /** @returns what the tool said when it did not stage */
  refused(tool: string, args: object, as?: string): Promise<string>
  commit(id: string, as?: string): Promise<ToolReply>
  look(id: string): Promise<ToolReply>
  discard(id: string): Promise<ToolReply>
  /** As its owner does on the approval page. */
  approve(id: string, as?: string): Promise<Plan>
  plan(id: string): Promise<Plan>
  /** Writes that reached Maximo so far. */
  writes(): number
  /** A field of a work order as it is in Maximo. */
  workOrder(wonum: string, field: string): unknown
}

export async function openChangedPlant(options: DoorOptions = {}): Promise<ChangedPlant> {
  const opened = await openPlantDoor({ limits: LIMITS, ...options })
  const plant: PlantDoor = {
    ...opened,
    ask: (tool, args, as = PLANNER, scope = SCOPE) => opened.ask(tool, args, as, scope),
  }
  const { door, simulator } = plant
  const write = (tool: string, args: object, as?: string): Promise<ToolReply> =>
    tool === 'plan_change'
      ? plant.ask(tool, { reason: 'a test', ...args }, as)
      : plant.ask(
          'call_write_tool',
          { tool, arguments: tool === 'discard_change' ? args : { reason: 'a test', ...args } },
          as,
        )
  const plan = async (id: string): Promise<Plan> => {
    const found = await door.changes.plans.find(id)
    if (found === null) throw new Error(`no plan ${id}`)
    return found
  }
  return {
    ...plant,
    plan,
    async stage(tool, args, as) {
      const staged = await write(tool, args, as)
      if (staged.isError) throw new Error(staged.text)
      return String(staged.body['change_id'])
    },
    async refused(tool, args, as) {
      const staged = await write(tool, args, as)
      if (!staged.isError) throw new Error(`staged: ${staged.text}`)
      return staged.text
    },
    look: (id) => plant.ask('call_read_tool', { tool: 'get_change', arguments: { change_id: id } }),
    discard: (id) => write('discard_change', { change_id: id }),
    commit: (id, as) => plant.ask('commit_change', { change_id: id }, as),
    async approve(id, as = PLANNER) {
      const found = await plan(id)
      await door.changes.plans.agree(found, { sub: `user_${as}`, by: 'page' })
      return found
    },
    writes: () => simulator.requests.seen().filter(({ query }) => query.includes('interactive=1')).length,
    workOrder: (wonum, field) =>
      simulator.plant.find('WORKORDER', 'wonum', wonum).find(({ siteid }) => siteid === 'BEDFORD')?.[field],
  }
}
