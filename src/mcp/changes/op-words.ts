/** What a planned record is, for people. */
export const OP_WORDS = {
  create: 'New record',
  update: 'Update',
  status: 'Change of status',
  action: 'Action',
  delete: 'Delete',
  answer: 'Answer to a workflow',
  attach: 'Attachment',
} as const
