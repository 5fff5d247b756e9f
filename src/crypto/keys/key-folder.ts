import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { thumbprint } from '../jose.ts'
import { readStrictJson } from '../strict-json.ts'
import { keyFile, keyFileName, PINS_NAME, pinsFile, type KeyFile, type Pins } from './key-file.ts'
import { KeyFault } from './key-fault.ts'
import type { Owner } from './key.ts'
import { findWeakness, holdsPrivate, materialOf } from './jwk.ts'
import { kindOf, KINDS, partIn, type Prefix } from './kinds.ts'

/** A key file that passed every check which it can pass alone. */
export interface CheckedFile extends KeyFile {
  readonly prefix: Prefix
  readonly holds: 'private' | 'public'
}

/** A key folder read whole. */
export interface KeyFolder {
  readonly owner: Owner
  readonly path: string
  readonly files: readonly CheckedFile[]
  readonly pins: Pins
}

/**
 * Reads every file of a key folder and refuses the folder for any that is not exactly what may lie there (T-15 to T-17):
 * foreign files, private halves that belong elsewhere, weak or mismatched keys, unpinned public keys, lax file modes.
 * @throws KeyFault with all problems at once
 */
export async function readKeyFolder(path: string, owner: Owner): Promise<KeyFolder> {
  const names = await listNames(path)
  const pins = await readPins(path, names)
  const read = await Promise.all(
    names
      .filter((name) => name !== PINS_NAME)
      .map((name) => readOne({ path, owner, name, pins: pins.value })),
  )
  const files = read.flatMap(({ file }) => (file === null ? [] : [file]))
  const problems = [...pins.problems, ...read.flatMap((one) => one.problems)]
  if (problems.length > 0) throw new KeyFault(problems)
  return { owner, path, files, pins: pins.value }
}

async function listNames(path: string): Promise<string[]> {
  try {
    // `..name` is bookkeeping: our own drafts, and what Kubernetes puts beside mounted secrets.
    return (await readdir(path)).filter((name) => !name.startsWith('..')).sort()
  } catch {
    throw new KeyFault([`${path}: cannot be read; \`maximo-mcp keys init\` makes keys`])
  }
}

async function readPins(
  path: string,
  names: readonly string[],
): Promise<{ value: Pins; problems: string[] }> {
  if (!names.includes(PINS_NAME)) return { value: {}, problems: [] }
  const parsed = pinsFile.safeParse(await readJson(join(path, PINS_NAME)))
  return parsed.success
    ? { value: parsed.data, problems: [] }
    : { value: {}, problems: [`${PINS_NAME}: is not a list of thumbprints by kid`] }
}

interface Place {
  readonly path: string
  readonly owner: Owner
  readonly name: string
  readonly pins: Pins
}

async function readOne(place: Place): Promise<{ file: CheckedFile | null; problems: string[] }> {
  const { name } = place
  const parsed = keyFile.safeParse(await readJson(join(place.path, name)))
  if (!parsed.success) return { file: null, problems: [`${name}: is no key file of ours`] }
  const file = parsed.data
  const kind = kindOf(file.kid)
  // Since a name says purpose and kid, no two files can name one kid.
  if (kind?.purpose !== file.purpose || name !== keyFileName(file)) {
    return { file: null, problems: [`${name}: name, kid and purpose do not belong together`] }
  }
  const holds = holdsPrivate(file.jwk) ? 'private' : 'public'
  const checked = { ...file, prefix: kind.prefix, holds } as const
  const problems = [
    materialOf(file.jwk) === kind.material ? null : 'holds another type of key than its purpose needs',
    findMisplacement(checked, place.owner),
    (file.boundTo !== undefined) === (kind.prefix === 'pt') ? null : 'boundTo belongs to pre-tag keys',
    await findWrongThumbprint(checked, place.pins),
    findWeakness(file.jwk),
    holds === 'private' ? await findLaxMode(join(place.path, name)) : null,
  ]
  return {
    file: checked,
    problems: problems.flatMap((problem) => (problem === null ? [] : [`${name}: ${problem}`])),
  }
}

function findMisplacement(file: CheckedFile, owner: Owner): string | null {
  if (owner === 'portal' && file.holds === 'private' && file.jwk.kty === 'RSA') {
    return 'is an RSA private key; the portal may hold none'
  }
  const part = partIn(owner, KINDS[file.prefix])
  if (part === 'none') return `does not belong in the folder of ${owner}`
  return part === file.holds ? null : `must hold the ${part} half of the key here`
}

async function findWrongThumbprint(file: CheckedFile, pins: Pins): Promise<string | null> {
  const real = await thumbprint(file.jwk)
  if (real !== file.thumbprint || file.kid !== `${file.prefix}-${real.slice(0, 8)}`) {
    return 'thumbprint does not match the key'
  }
  if (file.holds === 'private') return null
  return pins[file.kid] === real ? null : `${PINS_NAME} does not name this key`
}

async function findLaxMode(path: string): Promise<string | null> {
  if (process.platform === 'win32') return null // no such modes there
  const { mode } = await stat(path)
  return (mode & 0o077) === 0 ? null : 'can be read by others; set its mode to 0600'
}

async function readJson(path: string): Promise<unknown> {
  try {
    const json = readStrictJson(await readFile(path))
    return json.ok ? json.value : undefined
  } catch {
    return undefined
  }
}
