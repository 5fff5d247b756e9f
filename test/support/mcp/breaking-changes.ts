/** One tool as clients, prompts and scripts know it. */
export interface KnownTool {
  readonly name: string
  readonly effect: string
  readonly scopes: readonly string[]
  readonly inputSchema: KnownSchema
}

export interface KnownSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, KnownSchema>>
  readonly required?: readonly string[]
  readonly items?: KnownSchema
}

export interface ToolNow extends KnownTool {
  readonly aliases?: readonly string[]
}

/** What was possible with the tools that clients have seen and is not possible, or not the same, any more. */
export function breakingChanges(before: readonly KnownTool[], now: readonly ToolNow[]): readonly string[] {
  return before.flatMap((old) => {
    const tool = now.find(({ name, aliases = [] }) => name === old.name || aliases.includes(old.name))
    if (tool === undefined) return [`${old.name} is gone, and no alias takes its calls`]
    return [
      ...(old.effect === tool.effect ? [] : [`${old.name} is now "${tool.effect}"`]),
      ...tool.scopes
        .filter((scope) => !old.scopes.includes(scope))
        .map((scope) => `${old.name} now needs ${scope}`),
      ...schemaChanges(old.name, old.inputSchema, tool.inputSchema),
    ]
  })
}

function schemaChanges(path: string, old: KnownSchema, now: KnownSchema): readonly string[] {
  return [
    ...(old.type === now.type ? [] : [`${path} is now ${now.type ?? 'of any type'}`]),
    ...(JSON.stringify(old.default) === JSON.stringify(now.default) ? [] : [`${path} has another default`]),
    ...missing(old.enum ?? [], now.enum).map((value) => `${path} no longer takes ${JSON.stringify(value)}`),
    ...(now.enum !== undefined && old.enum === undefined ? [`${path} is now a choice`] : []),
    ...((now.minimum ?? -Infinity) > (old.minimum ?? -Infinity) ? [`${path} has a higher minimum`] : []),
    ...((now.maximum ?? Infinity) < (old.maximum ?? Infinity) ? [`${path} has a lower maximum`] : []),
    ...(now.required ?? [])
      .filter((name) => old.required?.includes(name) !== true)
      .map((name) => `${path} now needs "${name}"`),
    ...Object.entries(old.properties ?? {}).flatMap(([name, schema]) => {
      const same = now.properties?.[name]
      return same === undefined
        ? [`${path} has no "${name}" any more`]
        : schemaChanges(`${path}.${name}`, schema, same)
    }),
    ...(old.items === undefined ? [] : schemaChanges(`${path}[]`, old.items, now.items ?? {})),
  ]
}

/** Nothing is missing from a choice that was opened. */
const missing = (old: readonly unknown[], now: readonly unknown[] | undefined): readonly unknown[] =>
  now === undefined ? [] : old.filter((value) => !now.includes(value))
