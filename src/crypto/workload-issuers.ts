import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigError, schemaProblems } from '../kernel/env.ts'
import { FOREIGN_ALGORITHMS } from './foreign-keys.ts'

/** An OpenID provider whose tokens may stand for a workload (GitHub Actions, GitLab, a cluster). */
const workloadIssuer = z.strictObject({
  /** `iss` of its tokens, byte for byte. */
  issuer: z.url({ protocol: /^https?$/ }).max(255),
  /** For the form; the host of the issuer without it. */
  name: z.string().min(1).max(60).optional(),
  /** Where its keys are; found by OpenID discovery without it. */
  jwks_uri: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .optional(),
  algorithms: z.array(z.enum(FOREIGN_ALGORITHMS)).min(1).default(['RS256']),
  /** Claims that only their owner can get; one of them must be in every set of rules. */
  identity_claims: z
    .array(z.string().regex(/^[A-Za-z0-9_]{1,60}$/))
    .min(1)
    .default([
      'sub',
      'repository',
      'repository_id',
      'repository_owner',
      'repository_owner_id',
      'project_id',
      'project_path',
      'namespace_id',
      'namespace_path',
    ]),
  /** Private networks in which this issuer may be reached. */
  allow_cidrs: z.array(z.union([z.cidrv4(), z.cidrv6()])).default([]),
})
export type WorkloadIssuer = z.output<typeof workloadIssuer>

/** Content of `WORKLOAD_ISSUERS_FILE`. */
export const workloadIssuersFile = z
  .strictObject({ issuers: z.array(workloadIssuer).max(50) })
  .refine(({ issuers }) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length, {
    error: 'names an issuer twice',
  })

/**
 * The issuers that the operator trusts; none without a file.
 *
 * @throws ConfigError
 */
export function loadWorkloadIssuers(path: string | undefined): readonly WorkloadIssuer[] {
  if (path === undefined) return []
  const read = workloadIssuersFile.safeParse(readJson(path))
  if (read.success) return read.data.issuers
  throw new ConfigError(schemaProblems(read.error, VARIABLE))
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch {
    throw new ConfigError([`${VARIABLE}: the file cannot be read, or is not JSON`])
  }
}

const VARIABLE = 'WORKLOAD_ISSUERS_FILE'
