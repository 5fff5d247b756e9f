import { thumbprint } from '../jose.ts'
import { writeKeyFile, writePins, type KeyFile, type Pins } from './key-file.ts'
import type { KeyState, Owner } from './key.ts'
import { generateJwk, publicHalf } from './jwk.ts'
import { kindOf, KINDS, OWNERS, partIn, type Prefix } from './kinds.ts'

/** Where each service keeps its keys, and what it has pinned so far. */
export type Folders = Readonly<Record<Owner, { readonly path: string; pins: Pins }>>

interface NewKey {
  readonly prefix: Prefix
  readonly state: KeyState
  readonly nowS: number
  readonly boundTo?: string
}

/** Makes a key whose kid is its prefix and the first 8 characters of its RFC 7638 thumbprint. */
async function makeKey({ prefix, state, nowS, boundTo }: NewKey): Promise<KeyFile> {
  const { purpose, material } = KINDS[prefix]
  const jwk = await generateJwk(material)
  const print = await thumbprint(jwk)
  const kid = `${prefix}-${print.slice(0, 8)}`
  const about = { kid, purpose, state, created: nowS, since: nowS, thumbprint: print }
  return { ...about, ...(boundTo === undefined ? {} : { boundTo }), jwk }
}

/** Makes the keys of a kind; with a token encryption key comes the pre-tag key that is bound to it. */
export async function makeKeys(prefix: Prefix, state: KeyState, nowS: number): Promise<KeyFile[]> {
  const key = await makeKey({ prefix, state, nowS })
  if (prefix !== 'mt') return [key]
  return [key, await makeKey({ prefix: 'pt', state, nowS, boundTo: key.kid })]
}

/** Puts a key where it belongs: the private half to its owner, to the others what {@link KINDS} says. */
export async function installKey(folders: Folders, file: KeyFile): Promise<void> {
  const kind = kindOf(file.kid)
  for (const owner of OWNERS) {
    const folder = folders[owner]
    const part = kind === null ? 'none' : partIn(owner, kind)
    if (part === 'private') await writeKeyFile(folder.path, file)
    if (part !== 'public') continue
    // The pin first: a pin without a key is harmless, a key without a pin stops the service.
    folder.pins = { ...folder.pins, [file.kid]: file.thumbprint }
    await writePins(folder.path, folder.pins)
    await writeKeyFile(folder.path, { ...file, jwk: publicHalf(file.jwk) })
  }
}
