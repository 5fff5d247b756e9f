import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { PLAN_FEATURES } from './accounts.ts'
import type { Instance } from './instance.ts'
import { sendError, sendJson } from './json-answer.ts'
import type { User } from './state.ts'

/** The little of Clerk's billing that a reconciliation of plans reads. */
export function billingRoutes(app: FastifyInstance, instance: Instance): void {
  app.get('/v1/billing/plans', async (_request, reply) => {
    const plans = Object.entries(PLAN_FEATURES).map(([slug, features]) => planJson(slug, features))
    return sendJson(reply, 200, { data: plans, total_count: plans.length })
  })
  app.get('/v1/users/:id/billing/subscription', async (request, reply) => {
    const asked = z.object({ id: z.string() }).safeParse(request.params)
    const user = instance.state.data.users.find((one) => one.id === asked.data?.id)
    return user === undefined
      ? sendError(reply, 404, 'resource_not_found')
      : sendJson(reply, 200, subscriptionJson(user, instance))
  })
  // The stand-in's own: at Clerk people change their plan on its pages, and pay.
  app.post('/v1/users/:id/plan', async (request, reply) => {
    const asked = planChange.safeParse({ ...Object(request.params), ...Object(request.body) })
    if (!asked.success) return sendError(reply, 422, 'form_param_format_invalid')
    const user = instance.state.data.users.find((one) => one.id === asked.data.id)
    if (user === undefined) return sendError(reply, 404, 'resource_not_found')
    await instance.state.change(() => changePlan(user, asked.data, instance))
    return sendJson(reply, 200, subscriptionJson(user, instance))
  })
}

const planChange = z.object({ id: z.string(), plan: z.string().min(1).max(60) })

/** `features` absent: those of the plan. Shows in the next session token, and is told at once. */
export function changePlan(
  user: User,
  { plan, features }: { readonly plan: string; readonly features?: readonly string[] | undefined },
  instance: Instance,
): void {
  Object.assign(user, { plan, features: [...(features ?? PLAN_FEATURES[plan] ?? [])] })
  const payer = { object: 'commerce_payer', id: user.id.replace(/^user_/, 'cpayer_'), user_id: user.id }
  instance.webhooks.send('subscription.updated', { ...subscriptionJson(user, instance), payer })
}

function subscriptionJson(user: User, instance: Instance): object {
  const common = {
    instance_id: instance.state.data.instanceId,
    status: 'active',
    payer_id: user.id.replace(/^user_/, 'cpayer_'),
    created_at: user.createdAtMs,
    updated_at: user.updatedAtMs,
    past_due_at: null,
  }
  return {
    ...common,
    object: 'commerce_subscription',
    id: user.id.replace(/^user_/, 'csub_'),
    active_at: user.createdAtMs,
    eligible_for_free_trial: false,
    subscription_items: [
      {
        ...common,
        object: 'commerce_subscription_item',
        id: user.id.replace(/^user_/, 'csub_item_'),
        plan_period: 'month',
        period_start: user.createdAtMs,
        period_end: null,
        is_free_trial: false,
        ended_at: null,
        canceled_at: null,
        plan_id: `cplan_${user.plan}`,
        plan: planJson(user.plan, user.features),
      },
    ],
  }
}

function planJson(slug: string, features: readonly string[]): object {
  return {
    object: 'commerce_plan',
    id: `cplan_${slug}`,
    name: slug,
    slug,
    description: null,
    is_default: slug === 'free',
    is_recurring: slug !== 'free',
    has_base_fee: slug !== 'free',
    publicly_visible: true,
    fee: null,
    annual_fee: null,
    annual_monthly_fee: null,
    for_payer_type: 'user',
    features: features.map((feature) => ({
      object: 'feature',
      id: `feat_${feature}`,
      name: feature,
      description: null,
      slug: feature,
      avatar_url: null,
    })),
    avatar_url: null,
    free_trial_days: null,
    free_trial_enabled: false,
  }
}
