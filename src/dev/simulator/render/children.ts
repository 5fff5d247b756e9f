import type { Row } from '../plant/plant.ts'
import { relatedRows } from '../related-rows.ts'
import { childKey } from '../resource-id.ts'
import { findRelationship, mboNamed } from '../schema/catalog.ts'
import type { ChildNode } from '../schema/object-structures.ts'
import type { SelectItem } from '../select/parse-select.ts'
import type { JsonObject } from './json.ts'
import type { ItemTask, Level } from './task.ts'

/** A child of the object structure, as an array under its own name; absent when there are no rows. */
export function renderChildren(task: ItemTask, child: ChildNode, inner: readonly SelectItem[]): void {
  if (child.isDoclinks) renderDoclinks(task, child)
  else putRows(task, { key: child.name, relation: child.relation, objectName: child.objectName }, inner)
}

/** `rel.<relation>{…}`: any relationship as an array under its name. */
export function renderRelation(task: ItemTask, names: readonly string[]): void {
  const [relation = ''] = names
  const relationship = findRelationship(task.level.mbo.name, relation)
  if (names.length !== 1 || relationship === null) return
  const inner = task.item.inner ?? [{ path: ['*'], alias: null, inner: null }]
  putRows(task, { key: task.item.alias ?? relation, relation, objectName: relationship.to }, inner)
}

/** Attachments: an object with the address of the list. */
export function renderDoclinks(task: ItemTask, child: ChildNode): void {
  task.draft[child.name] = {
    href: task.context.hrefs.to(`${task.level.path}/${child.relation.toLowerCase()}`),
  }
}

function putRows(
  task: ItemTask,
  child: { readonly key: string; readonly relation: string; readonly objectName: string },
  inner: readonly SelectItem[],
): void {
  const { row, level, context, draft } = task
  const relationship = findRelationship(level.mbo.name, child.relation)
  if (relationship === null) return
  const rows = context.narrow(level.mbo.name, child.relation, relatedRows(context.plant, row, relationship))
  if (rows.length === 0) return
  draft[child.key] = rows.map((one, index) => renderChild({ row: one, index }, { task, child, inner }))
}

function renderChild(
  at: { readonly row: Row; readonly index: number },
  under: {
    readonly task: ItemTask
    readonly child: { readonly relation: string; readonly objectName: string }
    readonly inner: readonly SelectItem[]
  },
): JsonObject {
  const { level, context } = under.task
  const relation = under.child.relation.toLowerCase()
  const mbo = mboNamed(findRelationship(level.mbo.name, relation)?.to ?? '')
  const path = `${level.path}/${relation}/${at.index}-${String(at.row[mbo.uniqueId])}`
  const childLevel: Level = { mbo, path, children: [] }
  return {
    ...under.task.render(at.row, under.inner, childLevel, context),
    _rowstamp: String(at.row['_rowstamp']),
    localref: context.hrefs.to(path),
    href: childKey(level.mbo, under.child.objectName, { mbo, row: at.row }),
  }
}
