import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { jwk } from './jwk.ts'

const kid = z.string().regex(/^[a-z]{2}-[A-Za-z0-9_-]{8}$/)
const thumbprint = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** Content of `<purpose>.<kid>.json`. A member that is not listed is a refusal. */
export const keyFile = z.strictObject({
  kid,
  purpose: z.string(),
  state: z.enum(['active', 'accept', 'next', 'ci-only']),
  /** When it was made, and since when it has its state: seconds since the epoch. */
  created: z.int().positive(),
  since: z.int().positive(),
  thumbprint,
  /** Pre-tag keys only: the token encryption key whose tokens they tag. */
  boundTo: kid.optional(),
  jwk,
})
export type KeyFile = z.infer<typeof keyFile>

/** Content of `pins.json`: thumbprints of the other service's public keys, by kid. */
export const pinsFile = z.record(kid, thumbprint)
export type Pins = z.infer<typeof pinsFile>

export const PINS_NAME = 'pins.json'

export const keyFileName = (file: Pick<KeyFile, 'purpose' | 'kid'>): string =>
  `${file.purpose}.${file.kid}.json`

/** Puts a key file in place whole or not at all, readable by its owner alone. */
export async function writeKeyFile(folder: string, file: KeyFile): Promise<void> {
  await writeWhole(join(folder, keyFileName(file)), file)
}

/** The same for the pins. */
export async function writePins(folder: string, pins: Pins): Promise<void> {
  await writeWhole(join(folder, PINS_NAME), pins)
}

async function writeWhole(path: string, content: unknown): Promise<void> {
  // A name that the loader passes over, so that a crash between the two steps stops nobody.
  const draft = join(dirname(path), '..draft')
  await rm(draft, { force: true })
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, path)
}
