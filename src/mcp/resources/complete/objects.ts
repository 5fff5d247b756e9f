import { MaximoFault } from '../../../maximo/fault.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { ToolContext } from '../../tools/tool.ts'
import type { Complete } from '../resource.ts'
import { rank } from './rank.ts'

/** Object structures that this caller may read. */
export const completeObject: Complete = async (typed, _given, { maximo, call }) =>
  rank(
    typed,
    (await maximo.objectStructures(call)).map(({ name }) => name.toLowerCase()),
  )

/** Those of the usual objects that have a status. */
export const completeStatusObject: Complete = async (typed, _given, context) =>
  rank(
    typed,
    (await usualSchemas(context))
      .filter(({ fields }) => (fields.get('status')?.domainId ?? null) !== null)
      .map(({ resource }) => resource.toLowerCase()),
  )

/** Domains of the fields that this caller sees of the usual objects. */
export const completeDomain: Complete = async (typed, _given, context) =>
  rank(
    typed,
    (await usualSchemas(context)).flatMap(({ fields }) =>
      [...fields.values()].flatMap(({ domainId }) => domainId ?? []),
    ),
  )

/** What most people ask about; a schema is kept for ten minutes, so that keystrokes do not reach Maximo. */
const USUAL = ['MXAPIWODETAIL', 'MXAPISR', 'MXAPIASSET', 'MXAPIOPERLOC', 'MXAPIPM', 'MXAPIPO', 'MXAPIPR']

async function usualSchemas({ maximo, call }: ToolContext): Promise<readonly ObjectSchema[]> {
  const allowed = new Set((await maximo.objectStructures(call)).map(({ name }) => name))
  const found = await Promise.all(
    USUAL.filter((name) => allowed.has(name)).map((name) => readable(() => maximo.schema(name, call))),
  )
  return found.filter((schema) => schema !== null)
}

/** Null: what this caller may not see is not proposed. */
export async function readable<Found>(read: () => Promise<Found>): Promise<Found | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof MaximoFault && NOT_HIS.has(error.kind)) return null
    throw error
  }
}

const NOT_HIS: ReadonlySet<string> = new Set(['not_permitted', 'not_found'])
