import type { Owner, Purpose } from './key.ts'

/** One kind of key; its two letters begin every kid of the kind. */
export interface Kind {
  readonly purpose: Purpose
  /** Who holds the private or secret half. */
  readonly owner: Owner
  readonly material: Material
  /** What lies in the folders of others: the public half (pinned) or the same secret. */
  readonly shared: Readonly<Partial<Record<Owner, 'public' | 'copy'>>>
  /** How long what was made with the key may still arrive after a rotation, seconds. */
  readonly overlapS: number
}

export type Material = 'rsa' | 'ed25519' | 'secret'

const MINUTE_S = 60
const DAY_S = 86_400
/** Longest life of an access token that expires, and room for clocks that differ. */
const TOKEN_S = DAY_S + 2 * MINUTE_S
/** Longest life of a connection (design §4.6): its receipt and the hashes of its refresh tokens. */
const CONNECTION_S = 180 * DAY_S

/** The whole table of keys; `docs` and the loader know no others. */
export const KINDS = {
  mt: {
    purpose: 'token-encryption',
    owner: 'mcp',
    material: 'rsa',
    shared: { portal: 'public' },
    overlapS: TOKEN_S,
  },
  ps: {
    purpose: 'token-signing',
    owner: 'portal',
    material: 'ed25519',
    shared: { mcp: 'public' },
    overlapS: TOKEN_S,
  },
  pi: {
    purpose: 'internal-signing',
    owner: 'portal',
    material: 'ed25519',
    shared: { mcp: 'public' },
    overlapS: 5 * MINUTE_S,
  },
  mg: { purpose: 'receipt', owner: 'mcp', material: 'secret', shared: {}, overlapS: CONNECTION_S },
  // Wrapped credentials lie at Clerk, out of our sight; they are wrapped anew when their owner changes them.
  mw: { purpose: 'wrapping', owner: 'mcp', material: 'secret', shared: {}, overlapS: 2 * CONNECTION_S },
  pc: { purpose: 'code', owner: 'portal', material: 'secret', shared: {}, overlapS: 10 * MINUTE_S },
  pt: { purpose: 'pre-tag', owner: 'mcp', material: 'secret', shared: { portal: 'copy' }, overlapS: TOKEN_S },
  pl: { purpose: 'local', owner: 'portal', material: 'secret', shared: {}, overlapS: CONNECTION_S },
  ml: { purpose: 'local', owner: 'mcp', material: 'secret', shared: {}, overlapS: CONNECTION_S },
  pa: {
    purpose: 'audit-head',
    owner: 'portal',
    material: 'ed25519',
    shared: { mcp: 'public' },
    overlapS: Infinity,
  },
  ma: {
    purpose: 'audit-head',
    owner: 'mcp',
    material: 'ed25519',
    shared: { portal: 'public' },
    overlapS: Infinity,
  },
  // Not at the portal, which has no operator power.
  op: {
    purpose: 'ops',
    owner: 'ops',
    material: 'ed25519',
    shared: { mcp: 'public' },
    overlapS: 5 * MINUTE_S,
  },
  // Servers of one service share their keys; this one says that a journal comes from one of them.
  mj: { purpose: 'peer', owner: 'mcp', material: 'ed25519', shared: {}, overlapS: 5 * MINUTE_S },
  pj: { purpose: 'peer', owner: 'portal', material: 'ed25519', shared: {}, overlapS: 5 * MINUTE_S },
} as const satisfies Record<string, Kind>

export type Prefix = keyof typeof KINDS

/** Kinds that key folders made by an earlier version lack: `keys rotate` makes the first key of them in one step. */
export const ADDED_LATER: ReadonlySet<Prefix> = new Set<Prefix>(['op', 'mj', 'pj'])

export const OWNERS = ['portal', 'mcp', 'ops'] as const satisfies readonly Owner[]

/** In the order in which `keys status` lists them. */
export const PREFIXES = Object.keys(KINDS) as readonly Prefix[] // the keys of a literal

export const PURPOSES = [
  'token-encryption',
  'token-signing',
  'internal-signing',
  'receipt',
  'wrapping',
  'code',
  'pre-tag',
  'local',
  'audit-head',
  'ops',
  'peer',
] as const satisfies readonly Purpose[]

/** The kind a kid belongs to, or null for one that is not ours. */
export function kindOf(kid: string): (Kind & { readonly prefix: Prefix }) | null {
  const prefix = PREFIXES.find((known) => kid.startsWith(`${known}-`))
  return prefix === undefined ? null : { prefix, ...KINDS[prefix] }
}

/** What the folder of `owner` may hold of a kind. */
export function partIn(owner: Owner, kind: Kind): 'private' | 'public' | 'none' {
  const shared = kind.shared[owner]
  if (kind.owner === owner || shared === 'copy') return 'private'
  return shared ?? 'none'
}
