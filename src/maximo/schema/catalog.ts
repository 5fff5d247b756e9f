import type { Clock } from '../../kernel/clock.ts'
import { Cache } from '../cache.ts'
import type { MaximoCall } from '../contract.ts'
import { detached } from '../detached.ts'
import { MaximoFault } from '../fault.ts'
import { renderParameters } from '../query/parameters.ts'
import type { MaximoSession } from '../session.ts'
import type { ChildSchema, FieldSchema, ObjectSchema } from './object-schema.ts'
import { parseChildFields, parseObjectSchema } from './parse-schema.ts'

/** Schemas as this credential sees them. */
export class SchemaCatalog {
  readonly #session: MaximoSession
  readonly #schemas: Cache<ObjectSchema>
  readonly #children: Cache<ReadonlyMap<string, FieldSchema>>

  constructor(session: MaximoSession, clock: Clock) {
    this.#session = session
    this.#schemas = new Cache(clock)
    this.#children = new Cache(clock)
  }

  /** @throws MaximoFault not_found also for a name that cannot be one */
  async schema(objectStructure: string, call: MaximoCall): Promise<ObjectSchema> {
    const name = objectStructure.toLowerCase()
    const known = this.#schemas.peek(name)
    if (known !== undefined) return known
    if (!isObjectStructureName(name)) throw new MaximoFault('not_found', { detail: 'name' })
    return this.#schemas.get(name, call.signal, () => this.#load(name, detached(call)))
  }

  /** The schema with the fields of the named children, asking for those that Maximo did not put inside. */
  async withChildren(schema: ObjectSchema, names: Iterable<string>, call: MaximoCall): Promise<ObjectSchema> {
    const missing = [...new Set(names)].flatMap((name) => {
      const child = schema.children.get(name)
      return child?.fields === null ? [child] : []
    })
    if (missing.length === 0) return schema
    const loaded = await Promise.all(missing.map((child) => this.#child(schema, child, call)))
    const children = new Map([...schema.children, ...loaded.map((child) => [child.name, child] as const)])
    return { ...schema, children }
  }

  clear(): void {
    this.#schemas.clear()
    this.#children.clear()
  }

  async #load(name: string, call: MaximoCall): Promise<ObjectSchema> {
    const body = await this.#session.get(
      { segments: ['jsonschemas', name], queryString: WHOLE, objectStructure: name },
      call,
    )
    const schema = parseObjectSchema(body, name)
    if (schema === null)
      throw new MaximoFault('bad_upstream', { detail: 'shape', objectStructure: name.toUpperCase() })
    return schema
  }

  async #child(schema: ObjectSchema, child: ChildSchema, call: MaximoCall): Promise<ChildSchema> {
    const name = schema.resource.toLowerCase()
    const fields = await this.#children.get(`${name}/${child.name}`, call.signal, async () => {
      const body = await this.#session.get(
        { segments: ['jsonschemas', name, child.name], queryString: WHOLE, objectStructure: name },
        detached(call),
      )
      return parseChildFields(body, child.objectName ?? child.name.toUpperCase()) ?? new Map()
    })
    return fields.size === 0 ? child : { ...child, fields }
  }
}

/** In any letter case; what is no such name cannot exist and is sent nowhere. */
export const isObjectStructureName = (name: string): boolean => OBJECT_STRUCTURE.test(name)

/** Without a select, a schema lists no children's attributes (REST guide, jsonschema). */
const WHOLE = renderParameters([['oslc.select', '*']])
const OBJECT_STRUCTURE = /^[a-z][a-z0-9_]{0,29}$/i
