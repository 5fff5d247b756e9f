import { chmod, cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { thumbprint } from '../../../src/crypto/jose.ts'
import { initKeys, keyFolder } from '../../../src/crypto/keys/ceremony.ts'
import { KeyFault } from '../../../src/crypto/keys/key-fault.ts'
import type { KeyFile } from '../../../src/crypto/keys/key-file.ts'
import type { Jwk } from '../../../src/crypto/keys/jwk.ts'
import { loadMcpKeys, loadPortalKeys } from '../../../src/crypto/keys/key-ring.ts'
import type { Owner } from '../../../src/crypto/keys/key.ts'
import { manualClock } from '../clock.ts'

/** Key folders that a test may spoil. */
export interface PlantedKeys {
  readonly dataDir: string
  /** Rewrites a key file; the name follows its content. */
  edit(owner: Owner, prefix: string, bend: (file: KeyFile) => object): Promise<void>
  /** Replaces the key and makes kid, thumbprint and pin fit, so that only the key itself is wrong. */
  plant(owner: Owner, prefix: string, jwk: Jwk): Promise<void>
  write(owner: Owner, name: string, content: string): Promise<void>
  path(owner: Owner, prefix: string): Promise<string>
  read(owner: Owner, prefix: string): Promise<KeyFile>
  /** What loading says: every problem, or none. */
  problems(owner: Owner): Promise<readonly string[]>
}

const made: string[] = []
let pristine: Promise<string> | null = null

export async function plantedKeys(): Promise<PlantedKeys> {
  pristine ??= makePristine()
  const dataDir = await mkdtemp(join(tmpdir(), 'mx-planted-'))
  made.push(dataDir)
  await cp(await pristine, dataDir, { recursive: true })
  const folder = (owner: Owner): string => keyFolder(dataDir, owner)

  const path = async (owner: Owner, prefix: string): Promise<string> => {
    const name = (await readdir(folder(owner))).find((one) => one.includes(`.${prefix}-`))
    if (name === undefined) throw new Error(`no ${prefix} key of ${owner}`)
    return join(folder(owner), name)
  }
  const read = async (owner: Owner, prefix: string): Promise<KeyFile> =>
    JSON.parse(await readFile(await path(owner, prefix), 'utf8')) as KeyFile
  const write = async (owner: Owner, name: string, content: string): Promise<void> => {
    await writeFile(join(folder(owner), name), content, { mode: 0o600 })
  }
  const edit: PlantedKeys['edit'] = async (owner, prefix, bend) => {
    const old = await path(owner, prefix)
    const file = bend(await read(owner, prefix))
    const { purpose, kid } = file as Partial<KeyFile>
    await writeFile(old, JSON.stringify(file))
    await rename(old, join(folder(owner), `${String(purpose)}.${String(kid)}.json`))
  }
  const plant: PlantedKeys['plant'] = async (owner, prefix, jwk) => {
    const print = await thumbprint(jwk)
    const kid = `${prefix}-${print.slice(0, 8)}`
    await edit(owner, prefix, (file) => ({ ...file, kid, thumbprint: print, jwk }))
    const pins = JSON.parse(await readFile(join(folder(owner), 'pins.json'), 'utf8')) as object
    await write(owner, 'pins.json', JSON.stringify({ ...pins, [kid]: print }))
  }
  const problems: PlantedKeys['problems'] = async (owner) => {
    try {
      await (owner === 'portal' ? loadPortalKeys(folder(owner)) : loadMcpKeys(folder(owner)))
      return []
    } catch (error) {
      if (error instanceof KeyFault) return error.problems
      throw error
    }
  }
  return { dataDir, edit, plant, write, path, read, problems }
}

export async function removePlanted(): Promise<void> {
  await Promise.all(made.splice(0).map((path) => rm(path, { recursive: true, force: true })))
  pristine = null
}

async function makePristine(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mx-pristine-'))
  made.push(dataDir)
  const keys = await initKeys(dataDir, manualClock())
  if (!keys.ok) throw new Error(keys.error.message)
  await chmod(dataDir, 0o700)
  return dataDir
}
