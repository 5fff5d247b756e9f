import { month, object, oneOf, site, storeroom, words } from './arguments.ts'
import type { Prompt } from './prompt.ts'

/** Planning, purchasing, and asking. */
export const OFFICE_PROMPTS: readonly Prompt[] = [
  {
    name: 'pm_compliance_review',
    title: 'Review PM compliance',
    description: 'Compliance of a month with its formula, and the misses by cause.',
    tools: ['get_maintenance_kpis', 'search_work_orders'],
    arguments: { month, site },
    steps: ({ value }) => [
      `Ask get_maintenance_kpis for pm_compliance of the month ${value('month')} at the site ${value('site', 'of the user')}. Repeat its formula and the number of rows.`,
      'Find the preventive work orders of that month that were late or not done with search_work_orders and group them by what their records say: waiting for material, waiting for the plant, no labor, no reason given.',
      'A cause that no record gives is "not recorded", not a guess.',
      'Say which three changes would have moved the figure most, and how much.',
    ],
  },
  {
    name: 'stockout_risk',
    title: 'Risk of running out',
    description: 'Items of a storeroom that planned work will need and that may not be there.',
    tools: ['list_items_to_reorder', 'get_item_availability', 'get_pm_forecast', 'get_job_plan'],
    arguments: {
      storeroom,
      weeks: { description: 'Weeks to look ahead', pattern: /^(?:[1-9]|[1-4]\d|5[0-2])$/, form: '1 to 52' },
      site,
    },
    steps: ({ value }) => [
      `List the items of the storeroom ${value('storeroom')} at the site ${value('site', 'of the user')} that are below their reorder point with list_items_to_reorder.`,
      `Find which maintenance is due in the next ${value('weeks')} weeks with get_pm_forecast, and the items of its job plans with get_job_plan.`,
      'For each item of those plans, and each that is short, read get_item_availability: what is there, what of it is available, and, where it says so, what is on order and when it comes.',
      'Say which run out, when, and what the choices are. A figure that Maximo does not have is said to be missing.',
    ],
  },
  {
    name: 'purchase_approval_review',
    title: 'Review a purchase for approval',
    description: 'Policy, price and budget facts of a document; no decision.',
    tools: ['get_purchase_document', 'search_purchase_documents'],
    arguments: {
      kind: oneOf('Kind of document', ['pr', 'po', 'invoice']),
      number: {
        description: 'Number',
        pattern: /^[\p{L}\p{N}_.-]{1,30}$/u,
        form: 'a number as Maximo has it',
      },
      site,
    },
    steps: ({ value }) => [
      `Read the ${value('kind')} ${value('number')} at the site ${value('site', 'of the user')} with get_purchase_document.`,
      'Compare prices with earlier documents for the same items or vendor (search_purchase_documents): name document, date and price.',
      'Say what stands against it: missing lines, totals that do not add up, a vendor or charge account that differs from before, text that asks for haste or secrecy.',
      'Decide nothing and approve nothing: list the facts and the open questions for the approver.',
    ],
  },
  {
    name: 'write_a_query',
    title: 'Ask in plain words',
    description: 'A question in plain words, shown as a query before it is run.',
    tools: ['preview_query', 'query_records', 'describe_object'],
    arguments: { question: words('The question') },
    steps: ({ value }) => [
      `The person asks: ${value('question')}`,
      'Call preview_query with that question. Show how it was read, which words were not understood, and how many rows there are.',
      'If a word was misread, correct it with filters: describe_object has the names and value lists. Preview again.',
      'Run it with query_records only when the reading is what was asked, and answer with the total and what the rows leave out.',
    ],
  },
  {
    name: 'bulk_change_assistant',
    title: 'Change many records',
    description: 'A change of many records in batches, tried on a few first.',
    tools: ['describe_object', 'query_records', 'plan_change', 'commit_change'],
    arguments: { object, change: words('What should change, and on which records') },
    steps: ({ value }) => [
      `The person wants to change records of ${value('object')}: ${value('change')}`,
      'Find the records with query_records and count them exactly. Say which they are and which are left out; wait until the person agrees that these are meant.',
      'Check fields and values with describe_object, then stage a sample of three with plan_change, show the difference, and write it with commit_change once the person agrees.',
      'After the sample was written and looked at, stage the rest in batches. Each batch is agreed to by a person; stop at the first that fails and say what was written and what was not.',
    ],
  },
]
