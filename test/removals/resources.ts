import { edit, type Removal } from './removal.ts'

const EXPORTS = 'test/unit/mcp-resources/exports.test.ts'
const COMPLETIONS = 'test/unit/mcp-resources/completions.test.ts'
const URIS = 'test/attacks/resource-uris.test.ts'
const SERVED = 'src/mcp/resources/served-resources.ts'

/** Who may read which resource, and by which address. */
export const RESOURCES: readonly Removal[] = [
  {
    attack: '',
    test: URIS,
    title: 'another environment is refused by its name and ours',
    edits: [edit(SERVED, 'if (environment !== own) return err(otherEnvironment(environment, own))', '')],
  },
  {
    attack: '',
    test: URIS,
    title: 'an address that means harm',
    edits: [
      edit('src/mcp/resources/uri.ts', 'if (NOT_TEXT.test(segment)) return', 'if (segment === "") return'),
    ],
  },
  {
    attack: '',
    test: 'test/contract/callers.test.ts',
    title: '%s can read and get exactly what is listed',
    edits: [edit(SERVED, "if (!standing.ok && standing.error.by !== 'token')", 'if (name === null)')],
  },
  {
    attack: '',
    test: EXPORTS,
    title: 'an export is read by nobody else',
    edits: [edit('src/mcp/exports/exports.ts', 'return isOwn ? found : null', 'return found')],
  },
  {
    attack: '',
    test: EXPORTS,
    title: 'of another export are no parts of this one',
    edits: [edit('src/mcp/resources/export.ts', '  query: id,\n', "  query: '',\n")],
  },
  {
    attack: '',
    test: COMPLETIONS,
    title: 'to whom the scope is missing: refused as a call is, over HTTP',
    edits: [
      edit(
        'src/mcp/resources/complete/complete-values.ts',
        'tool: { ...tool, name: COMPLETION, costUnits: 0 }',
        'tool: { ...tool, name: COMPLETION, costUnits: 0, scopes: [] }',
      ),
    ],
  },
  {
    attack: '',
    test: EXPORTS,
    title: 'and after its time by nobody at all',
    edits: [
      edit('src/mcp/exports/exports.ts', ' || found.endsMs <= this.#clock.nowMs()', ''),
      edit(
        'src/mcp/exports/exports.ts',
        'await this.#box.seal(kept), EXPORT_LIFE_MS)',
        'await this.#box.seal(kept), 86_400_000)',
      ),
    ],
  },
  {
    attack: '',
    test: EXPORTS,
    title: 'what a spreadsheet would run is text',
    edits: [edit('src/mcp/tools/result/csv.ts', 'FORMULA.test(text) ?', 'FORMULA.test(`x${text}`) ?')],
  },
  {
    attack: '',
    test: COMPLETIONS,
    title: 'objects outside the rules of the token',
    edits: [
      edit(
        'src/mcp/tools/run/guarded-maximo.ts',
        "rights.mayTouch({ object: name, access: 'describe' })",
        "name !== ''",
      ),
    ],
  },
  {
    attack: '',
    test: COMPLETIONS,
    title: 'numbers that a field policy hides are no oracle',
    edits: [
      edit(
        'src/mcp/tools/fields/guard-fields.ts',
        "if (action !== 'mask' || !telling.includes(name)) return []",
        'if (name !== undefined) return []',
      ),
      edit(
        'src/mcp/tools/fields/guard-fields.ts',
        'return problems.length > 0 ? err(problems) : shownPage(await client.query(asked, call), schema, own)',
        'return problems.length > 0 ? err(problems) : client.query(asked, call)',
      ),
    ],
  },
  {
    attack: '',
    test: 'test/unit/mcp-resources/prompts.test.ts',
    title: '%s is refused with what would do',
    edits: [
      edit(
        'src/mcp/prompts/served-prompts.ts',
        'if (!pattern.test(value)) return',
        "if (value === 'x') return",
      ),
    ],
  },
  {
    attack: '',
    test: 'test/unit/mcp-resources/resources.test.ts',
    title: '%s is given as what no client runs',
    edits: [edit('src/mcp/resources/attachment.ts', "TEXTS.has(type) ? type : 'text/plain'", 'type')],
  },
]
