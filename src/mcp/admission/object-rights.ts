import { LRUCache } from 'lru-cache'
import { readObjects, type ObjectRule } from '../../crypto/restrictions.ts'
import type { Presets } from './presets.ts'

/** What a caller wants with an object structure. */
export interface Touch {
  /** Upper case; absent where the object is not known yet. */
  readonly object?: string
  /** `describe`: its fields and value lists, never a row; whoever may read or write an object may have it described. */
  readonly access: 'read' | 'write' | 'describe'
}

/** The objects that a grant was narrowed to. A grant without rules has none of these. */
export interface ObjectRights {
  /** The rule in words, for whoever it stops: `preset erp-readonly, version 1`. */
  readonly rule: string
  /** `object` absent: whether there is any object with this access. */
  mayTouch(touch: Touch): boolean
}

/**
 * Reads what a receipt fixed. A preset or a version that is not known here allows nothing.
 *
 * @returns a function that keeps what it read: it is asked at every request
 */
export function objectRightsUnder(presets: Presets): (code: string) => ObjectRights {
  const known = new LRUCache<string, ObjectRights>({ max: MAX_KNOWN })
  return (code) => {
    const kept = known.get(code)
    if (kept !== undefined) return kept
    const rights = readRights(code, presets)
    known.set(code, rights)
    return rights
  }
}

function readRights(code: string, presets: Presets): ObjectRights {
  const fixed = readObjects(code)
  if (fixed.kind === 'own') return rightsOf(`objects ${code}`, ownLists(fixed.rules))
  const { preset, version } = fixed
  const lists = presets.find(preset, version) ?? { read: [], write: [] }
  return rightsOf(`preset ${preset}, version ${version}`, lists)
}

const ownLists = (rules: readonly ObjectRule[]): Lists => ({
  read: rules.filter(({ access }) => access !== 'w').map(({ object }) => object),
  write: rules.filter(({ access }) => access !== 'r').map(({ object }) => object),
})

type Lists = Readonly<Record<'read' | 'write', readonly string[]>>

function rightsOf(rule: string, lists: Lists): ObjectRights {
  const [read, write] = [new Set(lists.read), new Set(lists.write)]
  const sets = { read, write, describe: new Set([...read, ...write]) }
  return {
    rule,
    mayTouch: ({ object, access }) =>
      object === undefined ? sets[access].size > 0 : sets[access].has('*') || sets[access].has(object),
  }
}

const MAX_KNOWN = 1_000
