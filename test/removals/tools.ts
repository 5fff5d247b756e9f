import { edit, type Removal } from './removal.ts'

const POLICY = 'test/unit/mcp-tools/field-policy.test.ts'
const OWN = 'test/unit/mcp/own-records.test.ts'
const GUARD = 'src/mcp/tools/fields/guard-fields.ts'

/** Who may call which tool, and what he sees. */
export const TOOLS: readonly Removal[] = [
  {
    attack: '',
    test: 'test/contract/callers.test.ts',
    title: 'can call by name exactly what is listed',
    edits: [
      edit(
        'src/mcp/tools/access/resolve-call.ts',
        "  if (standing.value === 'on_request') return err(onRequest(tool))\n",
        '',
      ),
    ],
  },
  {
    attack: '',
    test: POLICY,
    title: 'no %s tells what is behind it',
    edits: [
      edit(
        GUARD,
        "if (action !== 'mask' || !telling.includes(name)) return []",
        'if (name !== undefined) return []',
      ),
    ],
  },
  {
    attack: '',
    test: POLICY,
    title: 'a key that is masked is not given away by ids and addresses',
    edits: [
      edit(
        'src/mcp/tools/fields/shown-values.ts',
        'return { id: null, rowstamp,',
        'return { id: record.id, rowstamp,',
      ),
    ],
  },
  {
    attack: '',
    test: OWN,
    title: 'an automation token sees itself and nothing of its owner',
    edits: [
      edit(
        'src/mcp/tools/own/own-records.ts',
        '!isUnattended(caller) || gid === caller.grantId',
        'gid !== undefined',
      ),
    ],
  },
  {
    attack: '',
    test: OWN,
    title: 'an automation token reads its own calls alone',
    edits: [
      edit(
        'src/mcp/tools/own/own-records.ts',
        '(!isUnattended(caller) || event.grantId === caller.grantId) && matches(event)',
        'matches(event)',
      ),
    ],
  },
]
