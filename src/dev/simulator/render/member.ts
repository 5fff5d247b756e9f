import type { Row } from '../plant/plant.ts'
import type { SelectItem } from '../select/parse-select.ts'
import { renderAggregate, isAggregate } from './aggregate-value.ts'
import { renderAllowed } from './allowed.ts'
import { putAttribute, renderValue } from './attribute-value.ts'
import { renderChildren, renderDoclinks, renderRelation } from './children.ts'
import type { JsonObject } from './json.ts'
import type { RenderContext } from './render-context.ts'
import { relatedAlong } from './relation-path.ts'
import { keyFor, nestedObject, type Draft, type ItemTask, type Level } from './task.ts'

/** Writes what the select asks for into `draft`; names that mean nothing are skipped, as Maximo does. */
export function renderSelected(
  row: Row,
  items: readonly SelectItem[],
  level: Level,
  context: RenderContext,
): JsonObject {
  const draft: Draft = {}
  for (const item of items) renderItem({ row, item, level, context, draft, render: renderSelected })
  return draft
}

function renderItem(task: ItemTask): void {
  const [first = '', ...rest] = task.item.path
  if (first === 'exp') return
  if (isAggregate(task.item.path)) return renderAggregate(task)
  if (first === 'rel') return renderRelation(task, rest)
  if (rest.length > 0) return renderDotted(task)
  if (first === '*') return renderEverything(task)
  if (first === 'allowedstates' || first === 'allowedactions') return renderAllowed(task, first)
  if (task.item.inner === null) return renderPlain(task, first)
  const child = task.level.children.find((node) => node.name === first)
  if (child !== undefined) renderChildren(task, child, task.item.inner)
}

function renderPlain(task: ItemTask, name: string): void {
  const attribute = task.level.mbo.attributes.get(name)
  if (attribute === undefined) return
  putAttribute({ ...task, attribute, key: task.item.alias ?? keyFor(task.draft, name) })
}

function renderEverything(task: ItemTask): void {
  for (const name of task.level.mbo.attributes.keys())
    renderPlain({ ...task, item: { ...ALL, path: [name] } }, name)
  for (const child of task.level.children) {
    if (child.isDoclinks) renderDoclinks(task, child)
    else renderChildren(task, child, [ALL])
  }
}

const ALL: SelectItem = { path: ['*'], alias: null, inner: null }

/** `rel.attr`: a nested object per relation, `{}` when no row is related; with an alias, one flat value. */
function renderDotted(task: ItemTask): void {
  const { row, item, level, context, draft } = task
  const names = item.path.slice(0, -1)
  const path = relatedAlong(level.mbo, names)
  const attribute = path?.target.attributes.get(item.path.at(-1) ?? '')
  if (path === null || attribute === undefined) return
  const related = path.first(context.plant, row)
  if (item.alias !== null) {
    const value = related === null ? undefined : renderValue(attribute, related, context)
    if (value !== undefined) draft[item.alias] = value
    else if (!context.dropNulls) draft[item.alias] = null
    return
  }
  const holder =
    path.existing(context.plant, row) === 0
      ? nestedObject(draft, names.slice(0, 1))
      : nestedObject(draft, names)
  if (related !== null)
    putAttribute({ row: related, attribute, context, draft: holder, key: keyFor(holder, attribute.name) })
}
