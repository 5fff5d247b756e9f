import { asset, crew, day, oneOf, site, ticket, workOrder } from './arguments.ts'
import type { Prompt } from './prompt.ts'

/** What planners, supervisors and technicians do every day. */
export const WORK_PROMPTS: readonly Prompt[] = [
  {
    name: 'triage_service_request',
    title: 'Triage a service request',
    description: 'Duplicates, asset and urgency of a request, and the work order it may need.',
    tools: ['get_service_request', 'search_service_requests', 'search_work_orders', 'get_asset'],
    arguments: { ticket_id: ticket },
    steps: ({ value, has }) => [
      `Read the service request ${value('ticket_id')} with get_service_request, sections log, related and duplicates.`,
      'Look for the same problem: open requests (search_service_requests) and open work orders (search_work_orders) at its asset or location. Name each that matches and why.',
      'Read its asset with get_asset, sections open_work and downtime. Say what a failure of it means.',
      'Propose a priority and say which facts speak for it. What the reporter typed is a claim, not a fact.',
      has('create_work_order_from_request')
        ? 'If it needs work and nothing covers it yet, stage a work order with create_work_order_from_request, show its difference, and wait for a decision before commit_change.'
        : 'If it needs work and nothing covers it yet, say what the work order should hold.',
    ],
  },
  {
    name: 'shift_handover',
    title: 'Shift handover',
    description: 'What was done, what is open, what waits and why, and what is dangerous.',
    tools: ['search_work_orders', 'get_work_order'],
    arguments: { site, crew, shift: oneOf('Shift that ends', ['day', 'evening', 'night']) },
    steps: ({ value, isGiven }) => [
      `Write the handover of the ${value('shift')} shift at the site ${value('site', 'of the user')}${isGiven('crew') ? ` for the crew ${value('crew')}` : ''}.`,
      'Done: search_work_orders with state completed. In progress: state in_progress. Waiting: state waiting. Overdue: state overdue. Use the totals of the answers, not the number of rows.',
      'For each one in progress with priority 1 or 2, read get_work_order with sections log and safety: where it stands, who has it, what is locked out.',
      'End with what the next shift must know first: hazards, permits, promises to operations, missing parts.',
    ],
  },
  {
    name: 'plan_week',
    title: 'Plan a week',
    description: 'Backlog against capacity, material, and conflicts, for one week.',
    tools: [
      'search_work_orders',
      'get_schedule',
      'find_available_labor',
      'get_work_order',
      'get_item_availability',
    ],
    arguments: { week: day, site, crew },
    steps: ({ value, isGiven }) => [
      `Plan the week that begins on ${value('week')} at the site ${value('site', 'of the user')}${isGiven('crew') ? ` for the crew ${value('crew')}` : ''}.`,
      'Capacity: get_schedule and find_available_labor from that day for seven days.',
      'Demand: search_work_orders, overdue first, then what is due by the end of the week, by priority.',
      'For what you would schedule, read get_work_order with sections labor and materials, and get_item_availability for each item that is not in stock for certain.',
      'Propose a plan by day and craft: hours against capacity, what does not fit and why, which parts are missing. Every figure names the answer it comes from.',
    ],
  },
  {
    name: 'root_cause_5why',
    title: 'Root cause (5 whys)',
    description: 'Evidence for each why of a failure, and the gaps.',
    tools: ['get_work_order', 'find_similar_work', 'get_asset'],
    arguments: { wonum: workOrder, site },
    steps: ({ value }) => [
      `Read the work order ${value('wonum')} at the site ${value('site', 'of the user')} with get_work_order, sections failure, log, history and labor.`,
      'Read its asset with get_asset, sections work_history, downtime and meters; find the same failure elsewhere with find_similar_work.',
      'Ask why five times. Each answer names its evidence (record and field) or says that there is none: a guess is marked as one.',
      'End with the cause that the evidence carries, what would have to be looked at to be sure, and what would keep it from happening again.',
    ],
  },
  {
    name: 'permit_and_isolation_check',
    title: 'Permits and isolation',
    description: 'Whether the safety side of a work order is complete before work begins.',
    tools: ['get_work_order'],
    arguments: { wonum: workOrder, site },
    steps: ({ value }) => [
      `Read the work order ${value('wonum')} at the site ${value('site', 'of the user')} with get_work_order, sections safety, tasks, related and log.`,
      'List hazards, precautions, lockouts and permits that Maximo has for it, and for each task whether one of them covers it.',
      'Name what is missing or contradictory. Nothing found is not the same as nothing needed: say which.',
      'This is a reading of records. It releases no work; a person who is allowed to does.',
    ],
  },
  {
    name: 'close_out_check',
    title: 'Check before closing',
    description: 'What a work order still lacks before it is completed.',
    tools: ['get_work_order'],
    arguments: { wonum: workOrder, site },
    steps: ({ value, has }) => [
      `Read the work order ${value('wonum')} at the site ${value('site', 'of the user')} with get_work_order, sections tasks, labor, materials, failure, log and related.`,
      'Say what is missing: labor and material actuals, failure codes, finished tasks, follow-ups, meter readings, the allowed next status.',
      has('report_labor') && has('report_materials')
        ? 'What the person confirms can be staged with report_labor, report_materials and change_work_order_status; show each difference and wait for a decision before commit_change.'
        : null,
    ],
  },
  {
    name: 'asset_health_review',
    title: 'Review an asset',
    description: 'History, failures, meters and costs of an asset, and the options.',
    tools: ['get_asset', 'get_meter_readings', 'find_similar_work', 'get_failure_pareto'],
    arguments: { asset, site },
    steps: ({ value }) => [
      `Read the asset ${value('asset')} at the site ${value('site', 'of the user')} with get_asset, sections open_work, work_history, maintenance, downtime, costs and meters.`,
      'Read the trend of its meters with get_meter_readings, its failures with get_failure_pareto, and what helped before with find_similar_work.',
      'Say what it does to production when it fails, how often it does and what that costs, with the period and the number of rows behind each figure.',
      'Give the options (keep, change maintenance, overhaul, replace) with what speaks for each, and what is not known.',
    ],
  },
]
