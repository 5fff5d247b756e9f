import { noSuchResource } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import { findById } from '../resource-id.ts'
import { rowTest } from '../where/condition.ts'
import type { Exchange } from './exchange.ts'
import type { WriteTarget } from './write-routes.ts'

/** The record behind an `href` of a payload. @throws BmxError 404 when it is none of this object structure, or not visible. */
export function rowBehind(href: string, target: WriteTarget, exchange: Exchange): Row {
  const [, structure, id] = /\/os\/([^/?]+)\/([^/?]+)$/i.exec(`/${href}`) ?? []
  const isOurs = structure?.toUpperCase() === target.structure.name
  const row =
    isOurs && id !== undefined
      ? findById(exchange.instance.plant, target.collection.mbo, decodeURIComponent(id))
      : null
  if (row === null || !rowTest(target.collection.shown)(row)) throw noSuchResource(href)
  return row
}
