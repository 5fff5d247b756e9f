import { instantText } from './answer-text.ts'
import type { ToolContext } from '../tool.ts'

/** When what an answer says was so: now, or when the oldest of it was read, where Maximo's answers were given again. */
export function asOf({ clock, call }: Pick<ToolContext, 'clock' | 'call'>): {
  readonly as_of: string
  /** Seconds since then. */
  readonly cached_s?: number
} {
  const ageMs = call.age?.oldestMs ?? 0
  const as_of = instantText(clock.nowMs() - ageMs)
  return ageMs > 0 ? { as_of, cached_s: Math.ceil(ageMs / 1000) } : { as_of }
}

/** What every answer begins with: the environment it comes from, and when it was so. */
export const originOf = (
  context: Pick<ToolContext, 'clock' | 'call' | 'environment'>,
): { readonly env: string; readonly env_id: string } & ReturnType<typeof asOf> => ({
  env: context.environment.host,
  env_id: context.environment.id,
  ...asOf(context),
})
