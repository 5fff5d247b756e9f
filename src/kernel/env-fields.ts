import { isIP } from 'node:net'
import { z } from 'zod'
import { isLoopbackAddress } from './address.ts'
import { readRedisUrl } from './redis-url.ts'

/** Shapes of variables that both services read. */
export const origin = z
  .string()
  .refine(isOrigin, 'must be an http or https origin without a path')
  .transform((value) => new URL(value).origin)

export const httpUrl = z.url({ protocol: /^https?$/ })

/** In a form of `redis-url.ts`. */
export const redisUrl = z.string().superRefine((url, context) => {
  const read = readRedisUrl(url)
  if (!read.ok) context.addIssue({ code: 'custom', message: read.error })
})

export const filePath = z.string().min(1)

export const wholeNumber = z.coerce.number<string | undefined>().int()

/** 0 lets the system choose. */
export const port = wholeNumber.min(0).max(65_535)

export const instanceId = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/)

export const commaList = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

/** Comma list of addresses and CIDR ranges; empty when not set. */
export const networks = z
  .string()
  .default('')
  .pipe(commaList)
  .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])))

export const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  return /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href
}

/** Names that can only mean this machine (RFC 6761 §6.3), and loopback addresses. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (isIP(bare) !== 0) return isLoopbackAddress(bare)
  return bare === 'localhost' || bare.endsWith('.localhost')
}

export const isLoopbackUrl = (url: string): boolean => isLoopbackHost(new URL(url).hostname)

/** Off loopback Redis is reached over TLS; so is what names further servers by itself, wherever it is. */
export function isSafeRedis(url: string | undefined): boolean {
  const read = url === undefined ? null : readRedisUrl(url)
  if (read?.ok !== true) return true
  const { value } = read
  return value.tls || (value.is === 'single' && isLoopbackHost(value.hosts[0].host))
}

/** One internal listener of a service: its instance id is the audience of what is signed for it. */
export interface InternalServer {
  readonly id: string
  readonly url: string
}

/** `id=url` or a plain URL, whose id is then `mcp-<position>`. */
function readInternalServer(item: string, index: number): InternalServer {
  const named = /^([A-Za-z0-9_-]{1,40})=(.*)$/.exec(item)
  const [id, url] = named === null ? [`mcp-${index + 1}`, item] : [named[1] ?? '', named[2] ?? '']
  return { id, url: url.replace(/\/$/, '') }
}

/** `MCP_INTERNAL_URLS`. */
export const internalServers = commaList
  .transform((items) => items.map(readInternalServer))
  .pipe(z.array(z.object({ id: z.string(), url: origin })).min(1))
  .refine(
    (servers) => new Set(servers.map((server) => server.id)).size === servers.length,
    'names an id twice',
  )
