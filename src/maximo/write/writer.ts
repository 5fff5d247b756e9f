import { act, deleteRecord, startWorkflow } from './act.ts'
import { attach, detach } from './attach.ts'
import { bulk } from './bulk.ts'
import { changeStatus } from './change-status.ts'
import type { MaximoWriter } from './contract.ts'
import type { Tools } from './send.ts'
import { answerAssignment, answerInput } from './workflow.ts'
import { createRecord, updateRecord } from './write-record.ts'

export const createMaximoWriter = (tools: Tools): MaximoWriter => ({
  create: (request, call) => createRecord(request, 'post', tools, call),
  update: (request, call) => updateRecord(request, tools, call),
  sync: (request, call) => createRecord(request, 'SYNC', tools, call),
  bulk: (request, call) => bulk(request, tools, call),
  delete: (request, call) => deleteRecord(request, tools, call),
  changeStatus: (request, call) => changeStatus(request, tools, call),
  act: (request, call) => act(request, tools, call),
  startWorkflow: (request, call) => startWorkflow(request, tools, call),
  answerAssignment: (request, call) => answerAssignment(request, tools, call),
  answerInput: (request, call) => answerInput(request, tools, call),
  attach: (request, call) => attach(request, tools, call),
  detach: (request, call) => detach(request, tools, call),
})
