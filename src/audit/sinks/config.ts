import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { isLoopbackUrl } from '../../kernel/env-fields.ts'
import { ConfigError, schemaProblems } from '../../kernel/env.ts'
import { JSON_FORMATS, TEXT_FORMATS } from './formats/formats.ts'
import { secretReference } from './secret-source.ts'

/** Certificates may only be left out on this machine. */
const safeUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => url.startsWith('https:') || isLoopbackUrl(url), 'must be https off loopback')
  .refine((url) => new URL(url).username === '' && new URL(url).hash === '', 'must be a plain address')

const originUrl = safeUrl.refine((url) => new URL(url).pathname === '/', 'must be without a path')

/** What every sink has. */
const common = {
  /** In figures, notes and the name of its cursor. */
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/),
  /** PEM file of authorities to trust besides the usual ones. */
  caFile: z.string().min(1).optional(),
  start: z.enum(['oldest', 'now']).default('oldest'),
  behindAfterS: z.int().min(10).max(604_800).default(900),
  /** Whether the service is not ready while the sink is behind. */
  required: z.boolean().default(false),
}

const splunk = z.strictObject({
  ...common,
  type: z.literal('splunk_hec'),
  url: originUrl,
  token: secretReference,
  index: z.string().regex(/^[a-z0-9_][a-z0-9_-]{0,79}$/),
  sourcetype: z.string().min(1).max(128).default('maximo_mcp:audit'),
  format: z.enum(JSON_FORMATS).default('record'),
  acknowledge: z.boolean().default(false),
})

const syslog = z
  .strictObject({
    ...common,
    type: z.literal('syslog'),
    host: z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'must be a host name or an address'),
    port: z.int().min(1).max(65_535).default(6514),
    format: z.enum(TEXT_FORMATS),
    hostname: z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/)
      .optional(),
    maxMessageBytes: z.int().min(2_048).max(65_536).default(8_192),
    certFile: z.string().min(1).optional(),
    keyFile: z.string().min(1).optional(),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    path: ['certFile'],
    error: 'and keyFile go together',
  })

const sentinel = z.strictObject({
  ...common,
  type: z.literal('sentinel'),
  endpoint: originUrl,
  ruleId: z.string().regex(/^dcr-[A-Za-z0-9]{1,64}$/),
  stream: z.string().regex(/^Custom-[A-Za-z0-9_]{1,100}$/),
  tenantId: z.string().regex(/^[A-Za-z0-9.-]{1,100}$/),
  clientId: z.string().regex(/^[A-Za-z0-9-]{1,100}$/),
  clientSecret: secretReference,
  authority: originUrl.default('https://login.microsoftonline.com'),
  scope: z.string().min(1).max(200).default('https://monitor.azure.com/.default'),
})

const webhook = z.strictObject({
  ...common,
  type: z.literal('webhook'),
  url: safeUrl,
  secrets: z.array(secretReference).min(1).max(2),
  format: z.enum(JSON_FORMATS).default('record'),
})

const stdout = z.strictObject({
  ...common,
  type: z.literal('stdout'),
  format: z.enum(JSON_FORMATS).default('record'),
})

/** `AUDIT_SINKS_FILE`. */
export const sinksFile = z.strictObject({
  sinks: z
    .array(z.discriminatedUnion('type', [splunk, syslog, sentinel, webhook, stdout]))
    .max(16)
    .refine((sinks) => new Set(sinks.map(({ name }) => name)).size === sinks.length, 'names a sink twice'),
})
export type SinkConfig = z.output<typeof sinksFile>['sinks'][number]

/**
 * @param path AUDIT_SINKS_FILE; without it there are none
 * @throws ConfigError naming each member that cannot be used, never its value
 */
export function loadSinks(path: string | undefined): readonly SinkConfig[] {
  if (path === undefined) return []
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new ConfigError([`${VARIABLE}: the file cannot be read, or is not JSON`])
  }
  const read = sinksFile.safeParse(content)
  if (read.success) return read.data.sinks
  throw new ConfigError(schemaProblems(read.error, VARIABLE))
}

export const VARIABLE = 'AUDIT_SINKS_FILE'
