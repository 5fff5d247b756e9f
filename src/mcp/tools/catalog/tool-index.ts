import type { Tool } from '../tool.ts'

/** The served tools, in the order in which clients see them, and by every name that calls them. */
export interface ToolIndex {
  readonly all: readonly Tool[]
  find(name: string): Tool | undefined
}

/** @throws Error when two tools share a name */
export function indexTools(all: readonly Tool[]): ToolIndex {
  const byName = new Map<string, Tool>()
  for (const tool of all) {
    for (const name of [tool.name, ...(tool.aliases ?? [])]) {
      if (byName.has(name)) throw new Error(`two tools are called ${name}`)
      byName.set(name, tool)
    }
  }
  return { all, find: (name) => byName.get(name) }
}
