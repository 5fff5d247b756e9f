import { edit, type Removal } from './removal.ts'

const COMMIT = 'test/unit/mcp-changes/commit.test.ts'
const FLOW = 'test/flows/changes.test.ts'
const ASKED = 'test/unit/mcp-changes/elicitation.test.ts'
const POISON = 'test/attacks/poisoned-texts.test.ts'
const SEVERAL = 'test/unit/mcp-changes/several.test.ts'
const MODEL = 'test/unit/mcp-changes/model.test.ts'
const CHANGES = 'src/mcp/changes/changes.ts'

/** Changes of Maximo. */
export const CHANGED: readonly Removal[] = [
  {
    attack: 'B22',
    test: POISON,
    title: 'B22: no text becomes a part of the approval page',
    edits: [
      edit(
        'src/mcp/tools/result/hidden-characters.ts',
        'return HIDDEN.test(text) ? text.replace(HIDDEN_ALL, marked) : text',
        'return text',
      ),
    ],
  },
  {
    attack: 'B22',
    test: POISON,
    title: 'B22: words of a record change nothing by themselves',
    edits: [
      edit(
        CHANGES,
        "if (route.kind === 'page') return ok({ kind: route.second ? 'second' : 'page', plan })",
        "if (route.kind === 'page') return ok({ kind: 'approved', approval: { by: 'policy' } })",
      ),
    ],
  },
  {
    attack: '',
    test: COMMIT,
    title: 'an approval of somebody else is none',
    edits: [
      edit(
        CHANGES,
        "if (agreed?.by === 'page' && mayApprove(plan, agreed.sub))",
        "if (agreed?.by === 'page')",
      ),
    ],
  },
  {
    attack: '',
    test: COMMIT,
    title: 'an approval of another plan is none, also when it has the same id',
    edits: [
      edit(
        'src/mcp/changes/plans.ts',
        'return found?.digest === digestOf(of) ? found : null',
        'return found',
      ),
    ],
  },
  {
    attack: '',
    test: COMMIT,
    title:
      'of somebody else, of another connection, expired, discarded or invented is refused alike, and not written',
    edits: [
      edit(
        CHANGES,
        'if (plan === null || !isOwn) return err(NOT_KNOWN)',
        'if (plan === null) return err(isOwn ? DISCARDED : NOT_KNOWN)',
      ),
    ],
  },
  {
    attack: '',
    test: FLOW,
    title: 'to the connection that staged it: another one of the same person cannot commit it',
    edits: [
      edit(
        CHANGES,
        'plan?.sub === subject && plan.gid === grantId && plan.env === environment',
        "plan?.sub === subject && (plan.gid === grantId || plan.gid !== '') && plan.env === environment",
      ),
    ],
  },
  {
    attack: '',
    test: MODEL,
    title: 'committed at both, many times at once, is written by one; the other says that it is not its own',
    edits: [
      edit(
        CHANGES,
        "if (!(await this.plans.claim(plan, 'commit', this.#deps.instanceId))) return this.#claimed(plan, context)",
        "if (await this.plans.claim(plan, 'commit', '').then(() => false)) return this.#claimed(plan, context)",
      ),
    ],
  },
  {
    attack: '',
    test: FLOW,
    title: 'after a kill between request and answer finds out that the request %s',
    edits: [
      edit('src/mcp/changes/committing/look.ts', "if (signs.every((sign) => sign)) return 'written'", ''),
    ],
  },
  {
    attack: '',
    test: ASKED,
    title: 'and confirms everything: high risk still waits for the page',
    edits: [edit('src/mcp/changes/approval.ts', "plan.risk === 'medium' && canElicit", 'canElicit')],
  },
  {
    attack: '',
    test: ASKED,
    title: 'counts for its own plan, within its time, as it was sealed, and from whom was asked',
    edits: [edit('src/mcp/changes/questions.ts', 'asked?.id === id &&', 'asked !== null &&')],
  },
  {
    attack: '',
    test: SEVERAL,
    title: 'is not answered by itself: it is said, shown as text of Maximo, and nothing is written',
    edits: [
      edit(
        'src/mcp/changes/committing/send-records.ts',
        'Object.fromEntries(answers.map(({ question, choice }) => [question, choice]))',
        "({ woassetlocation_change: answers[0]?.choice ?? 'yes' })",
      ),
    ],
  },
  {
    attack: '',
    test: FLOW,
    title: 'is not for somebody else, and a change of nobody is as unknown as theirs',
    edits: [
      edit(
        'src/mcp/internal/open-vault.ts',
        'if (plan === null || !mayApprove(plan, sub))',
        "if (plan === null || (!mayApprove(plan, sub) && sub === ''))",
      ),
    ],
  },
]
