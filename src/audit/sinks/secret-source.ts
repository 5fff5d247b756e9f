import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Secret } from '../../kernel/secret.ts'

/** Where a secret is kept: a file of the operator names it and never holds it. */
export const secretReference = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/) }),
  z.strictObject({ file: z.string().min(1) }),
])
export type SecretReference = z.infer<typeof secretReference>

/** Looks a secret up; a file is read each time, so that a new one needs no restart. @throws SecretMissing */
export type SecretSource = () => Secret<string>

/** Says where it was looked for. */
export class SecretMissing extends Error {
  override readonly name = 'SecretMissing'
}

/** @param env the environment of the process, for references by name */
export function secretSource(
  reference: SecretReference,
  env: Readonly<Record<string, string | undefined>>,
): SecretSource {
  if ('file' in reference) return () => fromFile(reference.file)
  return () => {
    const value = env[reference.env]
    if (value === undefined || value === '')
      throw new SecretMissing(`the variable ${reference.env} is not set`)
    return new Secret(value)
  }
}

function fromFile(path: string): Secret<string> {
  let value: string
  try {
    value = readFileSync(path, 'utf8').trim()
  } catch {
    throw new SecretMissing(`the file ${path} cannot be read`)
  }
  if (value === '') throw new SecretMissing(`the file ${path} is empty`)
  return new Secret(value)
}
