/** Features by plan, as they appear in `fea`. */
export const PLAN_FEATURES: Readonly<Record<string, readonly string[]>> = {
  free: ['mcp'],
  pro: ['mcp', 'write', 'automation'],
  enterprise: ['mcp', 'write', 'automation', 'client_secrets', 'finance', 'apm', 'admin', 'audit'],
}

const account = (name: string, lastName: string, plan: string) => ({
  email: `${name.toLowerCase()}@example.com`,
  firstName: name,
  lastName,
  plan,
  features: PLAN_FEATURES[plan] ?? [],
})

/** The accounts of a fresh stand-in. Tools outside the repository rely on the addresses and plans. */
export const SEED_ACCOUNTS = [
  account('Planner', 'Example', 'pro'),
  account('Technician', 'Example', 'free'),
  account('Admin', 'Example', 'enterprise'),
]
