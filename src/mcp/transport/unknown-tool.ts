import type { Caller } from '../admission/caller.ts'
import { didYouMean } from '../tools/did-you-mean.ts'
import { listedTools } from '../tools/policy.ts'
import type { Tool } from '../tools/tool.ts'
import { visible } from '../tools/result/visible.ts'

const MAX_NAME = 80

/** What `-32602` says for a tool that does not exist; it suggests only what the caller may see. */
export function unknownTool(name: string, catalog: readonly Tool[], caller: Caller): string {
  const known = listedTools(catalog, caller).map((tool) => tool.name)
  return `There is no tool "${visible(name.slice(0, MAX_NAME))}".${didYouMean(name, known)} tools/list names them all.`
}
