/** What a client may ask for by name (`?toolsets=`), with what it is for. Sets that end in `_write` only stage changes. */
export const TOOLSETS = {
  core: 'who you are, finding and calling other tools, errors, usage',
  query: 'any object structure: describe, query, count, preview',
  work: 'work orders and service requests',
  work_write: 'staged changes of work orders and service requests',
  change: 'planned changes: commit, look at, discard, undo',
  assets: 'assets, locations and meters',
  assets_write: 'staged meter readings, downtime and moves',
  reliability: 'failures, similar work and maintenance figures',
  inventory: 'items, balances and inventory transactions',
  inventory_write: 'staged issues, returns and counts',
  purchasing: 'requisitions, orders and invoices',
  purchasing_write: 'staged requisitions, receipts and approvals',
  planning: 'preventive maintenance, job plans, schedule and labor',
  planning_write: 'staged labor and materials of work orders',
  workflow: 'assignments and where records are in a workflow',
  workflow_write: 'staged answers to assignments',
  attachments: 'files at records',
  attachments_write: 'staged files at records',
  safety: 'inspections and calibrations that are due',
  admin: 'your connections, usage and audit',
  compat: 'search and fetch, as some clients expect them',
} as const

export type Toolset = keyof typeof TOOLSETS

/** `Object.keys` forgets what the keys are. */
export const TOOLSET_NAMES = Object.keys(TOOLSETS) as [Toolset, ...Toolset[]]

export const isToolset = (name: string): name is Toolset => Object.hasOwn(TOOLSETS, name)
