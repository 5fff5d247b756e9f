import { err } from '../../../kernel/result.ts'
import { callInput, notCallable } from './call-read-tool.ts'
import { changeOutput } from '../changes/change-text.ts'
import { defineTool } from '../tool.ts'

/** As `call_read_tool`: whatever arrives here names no tool that may be called this way. */
export const callWriteTool = defineTool({
  name: 'call_write_tool',
  title: 'Stage a change with a found tool',
  description:
    'Calls a staging tool that find_tools found, with the arguments of its input schema. Nothing is written before commit_change.',
  toolset: 'core',
  picture: 'change-review',
  calls: 'stage',
  scopes: ['maximo:write'],
  effect: 'stage',
  risk: 'low',
  costUnits: 1,
  reachesOutside: true,
  input: callInput,
  output: changeOutput,
  run: ({ tool }, context) => Promise.resolve(err(notCallable(tool, 'stage', context))),
})
