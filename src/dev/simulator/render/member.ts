import type { Row } from '../plant/plant.ts'
import type { Attribute } from '../schema/attribute.ts'
import type { SelectItem } from '../select/parse-select.ts'
import { renderAggregate, isAggregate } from './aggregate-value.ts'
import { renderAllowed } from './allowed.ts'
import { putAttribute, renderValue } from './attribute-value.ts'
import { renderChildren, renderDoclinks, renderRelation } from './children.ts'
import type { JsonObject } from './json.ts'
import type { RenderContext } from './render-context.ts'
import { relatedAlong, type RelationPath } from './relation-path.ts'
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
  const { path } = task.item
  if (path[0] === 'exp') return
  if (isAggregate(path)) renderAggregate(task)
  else if (path[0] === 'rel') renderRelation(task, path.slice(1))
  else if (path.length > 1) renderDotted(task)
  else renderOwn(task, path[0] ?? '')
}

function renderOwn(task: ItemTask, name: string): void {
  if (name === '*') renderEverything(task)
  else if (name === 'allowedstates' || name === 'allowedactions') renderAllowed(task, name)
  else if (task.item.inner === null) renderPlain(task, name)
  else {
    const child = task.level.children.find((node) => node.name === name)
    if (child !== undefined) renderChildren(task, child, task.item.inner)
  }
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
  const { item, level } = task
  const names = item.path.slice(0, -1)
  const path = relatedAlong(level.mbo, names)
  const attribute = path?.target.attributes.get(item.path.at(-1) ?? '')
  if (path === null || attribute === undefined) return
  if (item.alias === null) renderNested(task, { path, names, attribute })
  else renderAliased(task, { path, attribute, alias: item.alias })
}

function renderAliased(
  { row, context, draft }: ItemTask,
  at: { readonly path: RelationPath; readonly attribute: Attribute; readonly alias: string },
): void {
  const related = at.path.first(context.plant, row)
  const value = related === null ? undefined : renderValue(at.attribute, related, context)
  if (value !== undefined) draft[at.alias] = value
  else if (!context.dropNulls) draft[at.alias] = null
}

function renderNested(
  { row, context, draft }: ItemTask,
  at: { readonly path: RelationPath; readonly names: readonly string[]; readonly attribute: Attribute },
): void {
  const related = at.path.first(context.plant, row)
  const shown = at.path.existing(context.plant, row) === 0 ? at.names.slice(0, 1) : at.names
  const holder = nestedObject(draft, shown)
  if (related === null) return
  putAttribute({
    row: related,
    attribute: at.attribute,
    context,
    draft: holder,
    key: keyFor(holder, at.attribute.name),
  })
}
