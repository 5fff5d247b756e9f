import type { Result } from '../../../kernel/result.ts'
import type { Caller } from '../../admission/caller.ts'
import { decide, type Standing, type Viewpoint, type Withheld } from './policy.ts'
import type { Tool } from '../tool.ts'
import type { ToolIndex } from '../catalog/tool-index.ts'
import type { Selection } from './selection.ts'

/** The tools of one caller at one address. Made per request, so it holds what was there and works nothing out. */
export class ToolAccess {
  readonly caller: Caller
  readonly #tools: ToolIndex
  readonly #view: Viewpoint

  constructor(tools: ToolIndex, caller: Caller, narrowed: Omit<Viewpoint, 'facts'>) {
    this.caller = caller
    this.#tools = tools
    this.#view = { facts: caller.facts, ...narrowed }
  }

  get selection(): Selection {
    return this.#view.selection
  }

  /** Object structures that Maximo was last seen to refuse. */
  get denied(): ReadonlySet<string> {
    return this.#view.denied
  }

  /** Every served tool, whether or not this caller may use it. */
  get all(): readonly Tool[] {
    return this.#tools.all
  }

  find(name: string): Tool | undefined {
    return this.#tools.find(name)
  }

  decide(tool: Tool): Result<Standing, Withheld> {
    return decide(tool, this.#view)
  }

  /** What `tools/list` shows, in the order of the catalog. */
  listed(): readonly Tool[] {
    return this.#tools.all.filter((tool) => {
      const standing = this.decide(tool)
      return standing.ok && standing.value === 'listed'
    })
  }

  /** Those too that are called by way of others. */
  reachable(): readonly Tool[] {
    return this.#tools.all.filter((tool) => this.decide(tool).ok)
  }
}
