import { isIP } from 'node:net'
import { isLoopbackAddress } from '../../kernel/address.ts'
import type { Secret } from '../../kernel/secret.ts'
import { type ClerkInstance, readInstance } from './instance.ts'

/**
 * The values that select a Clerk instance, from the variables `CLERK_*`. Real Clerk or a stand-in: nothing but these
 * values differs.
 */
export interface ClerkSettings {
  readonly publishableKey: string
  readonly secretKey: Secret<string>
  /** PEM of the instance's RSA-2048 public key. With it, tokens are verified without a network call. */
  readonly jwtKey?: string | undefined
  readonly apiUrl?: string | undefined
  readonly proxyUrl?: string | undefined
  readonly signInUrl?: string | undefined
}

/** {@link ClerkSettings}, completed and read. */
export interface ClerkConfig {
  readonly instance: ClerkInstance
  readonly publishableKey: string
  readonly secretKey: Secret<string>
  readonly jwtKey: string | null
  readonly apiUrl: string
  readonly proxyUrl: string | null
  readonly signInUrl: string
}

/** @throws on a publishable key that is not one; {@link clerkProblems} says so without throwing. */
export function clerkConfig(settings: ClerkSettings): ClerkConfig {
  const instance = readInstance(settings.publishableKey, settings.proxyUrl)
  return {
    instance,
    publishableKey: settings.publishableKey,
    secretKey: settings.secretKey,
    jwtKey: settings.jwtKey ?? null,
    apiUrl: settings.apiUrl ?? 'https://api.clerk.com',
    proxyUrl: settings.proxyUrl ?? null,
    signInUrl: settings.signInUrl ?? instance.accountPortalSignInUrl,
  }
}

/**
 * Origins that the CSP's `form-action` must name beside `'self'`: Chromium applies it to the redirects after a form,
 * and those may lead through a handshake or to the sign-in page.
 */
export const clerkFormTargets = (config: ClerkConfig): string[] => [
  ...new Set([config.instance.frontendOrigin, new URL(config.signInUrl).origin]),
]

type ClerkVariable =
  | 'CLERK_PUBLISHABLE_KEY'
  | 'CLERK_SECRET_KEY'
  | 'CLERK_JWT_KEY'
  | 'CLERK_API_URL'
  | 'CLERK_PROXY_URL'
  | 'CLERK_SIGN_IN_URL'

/**
 * Problems that a schema of one variable cannot see, as pairs of variable and problem, never with a value.
 * Production refuses a development instance, because its sessions ride in URLs, and an address on loopback, because
 * that is a stand-in without passwords.
 */
export function clerkProblems(
  settings: Omit<ClerkSettings, 'secretKey'>,
  options: { readonly production: boolean },
): [ClerkVariable, string][] {
  const problems: [ClerkVariable, string][] = []
  if (!isReadable(settings)) problems.push(['CLERK_PUBLISHABLE_KEY', 'is not a publishable key'])
  if (settings.jwtKey !== undefined && !RSA_2048_PEM.test(settings.jwtKey.replace(/[\r\n]/g, '')))
    problems.push(['CLERK_JWT_KEY', 'must be the PEM of a 2048-bit RSA public key'])
  if (!options.production) return problems

  if (settings.publishableKey.startsWith('pk_test_'))
    problems.push(['CLERK_PUBLISHABLE_KEY', 'is of a development instance; production needs pk_live_'])
  const addresses: [ClerkVariable, string | undefined][] = [
    ['CLERK_API_URL', settings.apiUrl],
    ['CLERK_PROXY_URL', settings.proxyUrl],
    ['CLERK_SIGN_IN_URL', settings.signInUrl],
  ]
  for (const [variable, address] of addresses)
    if (address !== undefined && !isPublicHttps(address))
      problems.push([variable, 'must be https and not loopback in production'])
  return problems
}

function isReadable(settings: Omit<ClerkSettings, 'secretKey'>): boolean {
  try {
    readInstance(settings.publishableKey, settings.proxyUrl)
    return true
  } catch {
    return false
  }
}

function isPublicHttps(address: string): boolean {
  const url = new URL(address)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isLocal =
    isIP(host) === 0 ? /(^|\.)localhost\.?$/.test(host) : isLoopbackAddress(host) || /^(0\.|::$)/.test(host)
  return url.protocol === 'https:' && !isLocal
}

/** @clerk/backend cuts the modulus out by this fixed prefix; any other key would refuse every token. */
const RSA_2048_PEM =
  /^-----BEGIN PUBLIC KEY-----MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA[A-Za-z0-9+/]+IDAQAB-----END PUBLIC KEY-----$/
