import { err, ok, type Result } from '../../../kernel/result.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { didYouMean } from '../problem/did-you-mean.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

/** Object structures are named like this; what is not cannot exist and is not sent anywhere. */
const NAME = /^[A-Za-z0-9_]{1,60}$/

/**
 * The schema of an object structure that the caller named, or a problem that suggests the nearest names.
 *
 * @throws MaximoFault for everything but an unknown name
 */
export async function findSchema(
  name: string,
  context: ToolContext,
): Promise<Result<ObjectSchema, ToolProblem>> {
  if (!NAME.test(name)) return err(await unknownObject(name, context))
  try {
    return ok(await context.maximo.schema(name, context.call))
  } catch (error) {
    if (!(error instanceof MaximoFault) || error.kind !== 'not_found') throw error
    return err(await unknownObject(name, context))
  }
}

async function unknownObject(name: string, { maximo, call }: ToolContext): Promise<ToolProblem> {
  const known = (await maximo.objectStructures(call)).map((object) => object.name.toLowerCase())
  const direct = didYouMean(name, known)
  const near = direct === '' ? didYouMean(`mxapi${name}`, known) : direct
  return {
    kind: 'unknown_object',
    what: `There is no object structure "${visible(name.slice(0, 60))}" that you may use.${near}`,
    why: null,
    next: 'describe_object with "keyword" finds objects by words; without arguments it lists them all.',
  }
}
