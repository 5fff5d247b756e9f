import { z } from 'zod'
import { shownDetection } from '../../crypto/detection.ts'
import { openWith, sealWith } from '../../crypto/sealed.ts'
import { addressNetwork } from '../../kernel/address.ts'
import { DiskUnavailable } from '../../kernel/disk.ts'
import type { AuditEvent, AuditOwnEvent } from '../event.ts'
import type { SubjectKey, SubjectKeys } from './subject-keys.ts'

/** What of an event only its person's key opens. */
const personal = z.strictObject({
  principal: z.string(),
  sourceIP: z.string().nullable(),
  userAgent: z.string().nullable(),
})
export type Personal = z.infer<typeof personal>

const TYP = 'mx-audit-personal+jwe'

/**
 * The event as it is written where persons stand in the log by pseudonyms: what is personal is sealed under the person's
 * key. Of somebody who has proven nothing, the address is written as its network, and so is each in what was noticed.
 *
 * @throws DiskUnavailable when a new person's key cannot be kept: without it nothing is written about him
 */
export async function veil<Event extends AuditEvent | AuditOwnEvent>(
  event: Event,
  keys: Pick<SubjectKeys, 'of'>,
): Promise<Event> {
  const { principal, sourceIP, userAgent = null } = event
  const shown = { ...event, ...noticedOf(event) }
  if (principal === null || !isPerson(principal))
    return { ...shown, sourceIP: sourceIP === null ? null : networkOf(sourceIP) }
  const { pseudonym, key } = await keyOf(principal, keys)
  const sealed = await sealWith(
    key,
    TYP,
    JSON.stringify({ principal, sourceIP, userAgent } satisfies Personal),
  )
  return { ...shown, principal: pseudonym, sourceIP: null, userAgent: null, personal: sealed }
}

/** Of what was noticed, its subject and its examples. */
function noticedOf({ eventType, detection, resource }: AuditEvent | AuditOwnEvent): Partial<AuditEvent> {
  if (!eventType.startsWith('detection.')) return {}
  const address = ADDRESS.exec(resource ?? '')?.[1]
  const noticed = shownDetection.safeParse(detection).data
  return {
    ...(address !== undefined && { resource: `address:${networkOf(address)}` }),
    ...(noticed !== undefined && { detection: withNetworks(noticed) }),
  }
}

const withNetworks = (noticed: z.output<typeof shownDetection>): Readonly<Record<string, unknown>> => ({
  ...noticed,
  addresses: noticed.addresses.map(networkOf),
  ...(noticed.subject.kind === 'address' && {
    subject: { kind: 'address', id: networkOf(noticed.subject.id) },
  }),
})

/** How a record names an address that it is about. */
const ADDRESS = /^address:(.*)$/

/** Also of what is a network already. */
const networkOf = (address: string): string => addressNetwork(address.split('/', 1)[0] ?? '')

/** What was sealed; `null` without the right key. */
export async function unveil(sealed: string, { key }: Pick<SubjectKey, 'key'>): Promise<Personal | null> {
  const opened = await openWith(key, TYP, sealed)
  return opened.ok
    ? (personal.safeParse(JSON.parse(new TextDecoder().decode(opened.value))).data ?? null)
    : null
}

/** Ids of persons are Clerk's; clients, instances and the operator are no persons. */
const isPerson = (principal: string): boolean => principal.startsWith('user_')

async function keyOf(subject: string, keys: Pick<SubjectKeys, 'of'>): Promise<SubjectKey> {
  try {
    return await keys.of(subject)
  } catch (cause) {
    throw new DiskUnavailable('the key of a person cannot be kept', { cause })
  }
}
