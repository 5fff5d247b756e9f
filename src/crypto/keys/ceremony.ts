import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { nowSeconds, type Clock } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { keyFile, keyFileName, writeKeyFile, writePins, type KeyFile } from './key-file.ts'
import { readKeyFolder, type CheckedFile, type KeyFolder } from './key-folder.ts'
import type { KeyInfo, Owner, Purpose } from './key.ts'
import { ADDED_LATER, KINDS, OWNERS, PREFIXES, type Prefix } from './kinds.ts'
import { installKey, makeKeys, type Folders } from './make-key.ts'

export interface KeyRow extends KeyInfo {
  /** In whose folder the file lies. */
  readonly owner: Owner
  readonly holds: 'private' | 'public'
  /** Seconds since the epoch: when it was made, and since when it has its state. */
  readonly created: number
  readonly since: number
}

/** A refusal of the ceremony, in words for the operator. */
export interface CeremonyRefusal {
  readonly reason:
    'keys_exist' | 'kid_unknown' | 'key_in_use' | 'overlap_running' | 'key_active' | 'not_rotatable'
  readonly message: string
}

type Rows = Result<readonly KeyRow[], CeremonyRefusal>

/** Where a service's keys lie, or the operator's. */
export const keyFolder = (dataDir: string, owner: Owner): string => join(dataDir, owner, 'keys')

/**
 * Makes all keys, offline, under `<dataDir>/{portal,mcp,ops}/keys`: files 0600, folders 0700. Refuses to
 * touch existing ones. The folders appear whole or not at all.
 */
export async function initKeys(dataDir: string, clock: Clock): Promise<Rows> {
  for (const owner of OWNERS) {
    const path = keyFolder(dataDir, owner)
    if (await hasEntries(path))
      return refuse('keys_exist', `${path} is not empty; keys are never overwritten`)
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const draft = await mkdtemp(join(dataDir, '.keys-')) // 0700 by definition
  try {
    await makeAll(draft, nowSeconds(clock))
    for (const owner of OWNERS) {
      await mkdir(join(dataDir, owner), { recursive: true, mode: 0o700 })
      await rename(join(draft, owner), keyFolder(dataDir, owner))
    }
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return ok(await keyStatus(dataDir))
}

/** Every key file of all folders. @throws KeyFault when a folder cannot be read or breaks a rule. */
export async function keyStatus(dataDir: string): Promise<readonly KeyRow[]> {
  const folders = await readAll(dataDir)
  const rows = folders.flatMap(({ owner, files }) => files.map((file) => toRow(owner, file)))
  const order = ({ kid, owner }: KeyRow) =>
    [PREFIXES.findIndex((one) => kid.startsWith(one)) + 10, kid, owner].join()
  return rows.sort((left, right) => (order(left) < order(right) ? -1 : 1))
}

/**
 * First call for a purpose: adds a `next` key, which every server accepts after its reload. Second call: `next` becomes
 * `active`, the former one `accept`. Between the calls both services must reload, so that no token meets a server that
 * does not know its key. A call that was cut off is completed by the next one. A key of the operator or
 * among peers that is not here, never made or lost, is made in one step.
 */
export async function rotateKey(dataDir: string, purpose: Purpose, clock: Clock): Promise<Rows> {
  if (purpose === 'pre-tag') return refuse('not_rotatable', 'pre-tag keys rotate with token-encryption')
  const folders = await readAll(dataDir)
  const nowS = nowSeconds(clock)
  if (purpose === 'ops') await mkdir(keyFolder(dataDir, 'ops'), { recursive: true, mode: 0o700 })
  for (const prefix of PREFIXES.filter((one) => KINDS[one].purpose === purpose)) {
    await rotateKind(folders, prefix, nowS)
  }
  return ok(await keyStatus(dataDir))
}

export interface RetireOptions {
  /** Kids that records of the MCP server's journal still name. */
  readonly kidsInUse: ReadonlySet<string>
  readonly clock: Clock
  /** A leaked key: do not wait for the overlap to end. Never overrides `kidsInUse`. */
  readonly now?: boolean
}

/** Removes an `accept` key. While `kidsInUse` names it, it becomes `ci-only` instead and the answer is `key_in_use`. */
export async function retireKey(dataDir: string, kid: string, options: RetireOptions): Promise<Rows> {
  const folders = await readAll(dataDir)
  const file = folders.flatMap(({ files }) => files).find((one) => one.kid === kid)
  if (file === undefined) return refuse('kid_unknown', `${kid} is in no key folder`)
  const refusal = findObstacle(file, options)
  if (refusal !== null) return err(refusal)
  const nowS = nowSeconds(options.clock)
  if (options.kidsInUse.has(kid)) {
    if (!CAN_BE_CI_ONLY.has(file.prefix)) return refuse('key_in_use', `${kid} is named by records in use`)
    await setState(folders, [file], { state: 'ci-only', nowS })
    return refuse('key_in_use', `${kid} is named by automation tokens; it now serves those alone`)
  }
  await removeKeys(folders, withBound(folders, kid))
  return ok(await keyStatus(dataDir))
}

function findObstacle(file: CheckedFile, { clock, now }: RetireOptions): CeremonyRefusal | null {
  const { kid, state, since } = file
  const { overlapS, purpose } = KINDS[file.prefix]
  if (purpose === 'pre-tag')
    return { reason: 'not_rotatable', message: `${kid} goes with ${file.boundTo ?? ''}` }
  if (overlapS === Infinity) {
    return { reason: 'not_rotatable', message: `${kid} verifies old audit logs; keep it as long as those` }
  }
  if (state === 'active' || state === 'next') {
    return { reason: 'key_active', message: `${kid} is ${state}; rotate ${purpose} first` }
  }
  const leftS = since + overlapS - nowSeconds(clock)
  if (now === true || state === 'ci-only' || leftS <= 0) return null
  const message = `${kid} may still be needed for ${Math.ceil(leftS / 3600)} hours; --now if it has leaked`
  return { reason: 'overlap_running', message }
}

async function rotateKind(folders: readonly KeyFolder[], prefix: Prefix, nowS: number): Promise<void> {
  const own = folders.find(({ owner }) => owner === KINDS[prefix].owner)
  const files = (own?.files ?? []).filter((file) => file.prefix === prefix)
  const actives = files
    .filter(({ state }) => state === 'active')
    .sort((left, right) => left.since - right.since)
  const next = files.find(({ state }) => state === 'next')
  if (ADDED_LATER.has(prefix) && files.length === 0) return replaceLost(folders, prefix, nowS)
  if (next === undefined && actives.length <= 1) {
    for (const made of await makeKeys(prefix, 'next', nowS)) await installKey(toPaths(folders), made)
    return
  }
  // The new one first: cut off here, there are two, and the next call sees which is older.
  if (next !== undefined) await setState(folders, [next], { state: 'active', nowS })
  await setState(folders, next === undefined ? actives.slice(0, -1) : actives, { state: 'accept', nowS })
}

async function replaceLost(folders: readonly KeyFolder[], prefix: Prefix, nowS: number): Promise<void> {
  const known = folders.flatMap(({ files }) => files.filter((file) => file.prefix === prefix))
  for (const made of await makeKeys(prefix, 'active', nowS)) await installKey(toPaths(folders), made)
  await setState(folders, known, { state: 'accept', nowS })
}

/** In every folder that has the key, and with it for the pre-tag keys bound to it. */
async function setState(
  folders: readonly KeyFolder[],
  keys: readonly CheckedFile[],
  change: { readonly state: CheckedFile['state']; readonly nowS: number },
): Promise<void> {
  const kids = new Set(keys.flatMap(({ kid }) => withBound(folders, kid)))
  for (const folder of folders) {
    for (const file of folder.files.filter(({ kid }) => kids.has(kid))) {
      await writeKeyFile(folder.path, { ...toKeyFile(file), state: change.state, since: change.nowS })
    }
  }
}

async function removeKeys(folders: readonly KeyFolder[], kids: readonly string[]): Promise<void> {
  for (const { path, files, pins } of folders) {
    for (const kid of kids) {
      const file = files.find((one) => one.kid === kid)
      if (file !== undefined) await rm(join(path, keyFileName(file)))
    }
    const left = Object.fromEntries(Object.entries(pins).filter(([kid]) => !kids.includes(kid)))
    if (Object.keys(left).length < Object.keys(pins).length) await writePins(path, left)
  }
}

async function makeAll(draft: string, nowS: number): Promise<void> {
  const folders: Folders = {
    portal: { path: join(draft, 'portal'), pins: {} },
    mcp: { path: join(draft, 'mcp'), pins: {} },
    ops: { path: join(draft, 'ops'), pins: {} },
  }
  for (const owner of OWNERS) await mkdir(folders[owner].path, { mode: 0o700 })
  for (const prefix of PREFIXES.filter((one) => one !== 'pt')) {
    for (const key of await makeKeys(prefix, 'active', nowS)) await installKey(folders, key)
  }
}

/** The kinds that an automation token is made with. */
const CAN_BE_CI_ONLY: ReadonlySet<Prefix> = new Set<Prefix>(['mt', 'ps', 'mg'])

const readAll = (dataDir: string): Promise<KeyFolder[]> =>
  Promise.all(OWNERS.map((owner) => readOwners(keyFolder(dataDir, owner), owner)))

/** The operator may keep his folder on another machine. */
async function readOwners(path: string, owner: Owner): Promise<KeyFolder> {
  const isElsewhere = owner === 'ops' && !(await hasEntries(path))
  return isElsewhere ? { owner, path, files: [], pins: {} } : readKeyFolder(path, owner)
}

const toPaths = (folders: readonly KeyFolder[]): Folders => {
  const of = (owner: Owner) => folders.find((folder) => folder.owner === owner) ?? { path: '', pins: {} }
  return { portal: { ...of('portal') }, mcp: { ...of('mcp') }, ops: { ...of('ops') } }
}

/** A key, then the pre-tag keys bound to it. */
const withBound = (folders: readonly KeyFolder[], kid: string): string[] => {
  const bound = folders.flatMap(({ files }) => files.filter((file) => file.boundTo === kid))
  return [...new Set([kid, ...bound.map((file) => file.kid)])]
}

/** Without what reading added. */
const toKeyFile = (file: CheckedFile): KeyFile => keyFile.strip().parse(file)

const toRow = (owner: Owner, file: CheckedFile): KeyRow => ({
  owner,
  kid: file.kid,
  purpose: KINDS[file.prefix].purpose,
  state: file.state,
  thumbprint: file.thumbprint,
  holds: file.holds,
  created: file.created,
  since: file.since,
})

async function hasEntries(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length > 0
  } catch {
    return false
  }
}

const refuse = (reason: CeremonyRefusal['reason'], message: string): Rows => err({ reason, message })
