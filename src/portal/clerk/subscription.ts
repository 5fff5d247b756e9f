import type { Clerk } from './clerk-client.ts'
import { ClerkRefused } from './clerk-client.ts'

/** In the form in which Clerk's session tokens name them, without their scope: comma lists. */
export interface Subscription {
  readonly pla: string
  readonly fea: string
}

/**
 * Reads what a user's subscription entitles them to at this moment. Items that are active count, and cancelled ones
 * until their period ends. Nobody's subscription, or none at all, entitles to nothing.
 *
 * @throws ClerkUnavailable
 */
export async function readSubscription(
  userId: string,
  { clerk }: { readonly clerk: Clerk },
): Promise<Subscription> {
  try {
    const { subscriptionItems } = await clerk.call((sdk) => sdk.billing.getUserBillingSubscription(userId))
    const plans = subscriptionItems
      .filter(({ status }) => ENTITLING.has(status))
      .flatMap(({ plan }) => plan ?? [])
    return {
      pla: listOf(plans.map(({ slug }) => slug)),
      fea: listOf(plans.flatMap(({ features }) => features.map(({ slug }) => slug))),
    }
  } catch (error) {
    if (error instanceof ClerkRefused && error.status === 404) return { pla: '', fea: '' }
    throw error
  }
}

const listOf = (slugs: readonly string[]): string => [...new Set(slugs)].sort().join(',')

/** Clerk ends a cancelled item when its period does, and tells so (`subscriptionItem.ended`). */
const ENTITLING: ReadonlySet<string> = new Set(['active', 'canceled'])
