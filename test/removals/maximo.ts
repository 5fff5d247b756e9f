import { edit, type Removal } from './removal.ts'

const ANSWERS = 'test/attacks/maximo-answers.test.ts'
const CONNECTIONS = 'test/attacks/maximo-connections.test.ts'
const INPUT = 'test/attacks/maximo-input.test.ts'
const RETRY = 'src/maximo/http/retry.ts'
const EXCHANGE = 'src/maximo/http/exchange.ts'
const ANSWER = 'src/maximo/http/answer.ts'
const CONNECTOR = 'src/kernel/egress/connector.ts'

/** Faults between us and Maximo. */
const TROUBLE: readonly Removal[] = [
  {
    attack: 'M1',
    test: ANSWERS,
    title: 'M1: a credential or a right that Maximo refuses is asked about once',
    edits: [
      edit(
        RETRY,
        "    case 'credentials_rejected':\n",
        "      return false\n    case 'credentials_rejected':\n      return true\n",
      ),
    ],
  },
  {
    attack: 'M2',
    test: ANSWERS,
    title: 'M2: what is not there is said to be not there',
    edits: [edit(ANSWER, "  [404, 'not_found'],\n", '')],
  },
  {
    attack: 'M3',
    test: ANSWERS,
    title: 'M3: Maximo’s reason comes as a code, its words only apart, cleaned and short',
    edits: [edit(ANSWER, "return Array.from(line).slice(0, MAX_UNTRUSTED).join('')", 'return line')],
  },
  {
    attack: 'M4',
    test: ANSWERS,
    title: 'M4: 429 waits as long as Maximo says, at most ten seconds, and then for all',
    edits: [edit('src/maximo/http/rest.ts', 'if (leftMs <= 0) return', 'if (leftMs <= Infinity) return')],
  },
  {
    attack: 'M5',
    test: 'test/attacks/maximo-retry-storm.test.ts',
    title: 'M5: a hiccup of Maximo is not made a storm',
    edits: [edit(RETRY, 'if (tokens < 1) return false', '')],
  },
  {
    attack: 'M5',
    test: ANSWERS,
    title: 'M5: a failing Maximo is asked again by reads alone, and seldom',
    edits: [edit(RETRY, 'retriesSoFar >= MAX_RETRIES || ', '')],
  },
  {
    attack: 'M5',
    test: 'test/unit/maximo/retry-delay.test.ts',
    title: 'the wait before a read is asked again',
    edits: [edit(RETRY, 'return random() * Math.min(', 'return Math.min(')],
  },
  {
    attack: 'M6',
    test: CONNECTIONS,
    title: 'M6: a slow, dripping or silent Maximo ends by our clock, its socket and its place with it',
    edits: [
      edit(
        'src/maximo/http/lane.ts',
        "() => end.end(new MaximoFault('timeout', { detail: 'whole' })),",
        '() => undefined,',
      ),
    ],
  },
  {
    attack: 'M7',
    test: ANSWERS,
    title: 'M7: what is not Maximo’s JSON, whole, is never taken for an answer',
    edits: [edit(EXCHANGE, 'if (!isUtf8(bytes))', 'if (false)')],
  },
  {
    attack: 'M8',
    test: ANSWERS,
    title: 'M8: an answer is cut where it grows too large, decoded or not',
    edits: [edit(EXCHANGE, 'if (this.#bytes > MAX_BODY_BYTES)', 'if (false)')],
  },
  {
    attack: 'M9',
    test: ANSWERS,
    title: 'M9: a redirect is refused, wherever it leads, and takes no credential along',
    edits: [edit(EXCHANGE, "if (status >= 300 && status < 400) return 'redirect'", '')],
  },
  {
    attack: 'M10',
    test: 'test/attacks/maximo-tls.test.ts',
    title: 'M10: TLS to Maximo that does not verify is refused before anything is sent',
    edits: [
      edit(
        'src/maximo/egress/host-trust.ts',
        'return chainOf(socket).some((certificate) => pins.includes(pinOf(certificate)))',
        'return chainOf(socket).length > 0',
      ),
    ],
  },
  {
    attack: 'M11',
    test: CONNECTIONS,
    title: 'M11: a name is judged by every address that it resolves to, and by the socket',
    edits: [
      edit(
        CONNECTOR,
        'first === undefined || addresses.some(({ address }) => !policy(address))',
        'first === undefined',
      ),
    ],
  },
  {
    attack: 'M12',
    test: CONNECTIONS,
    title: 'M12: a write whose answer is lost is unknown, and was sent once',
    edits: [
      edit(EXCHANGE, 'this.#isWrite && this.#controller !== null ? new AnswerLost(error) : error', 'error'),
    ],
  },
  {
    attack: 'M13',
    test: CONNECTIONS,
    title: 'M13: one environment that is dead slows no other',
    edits: [
      edit(
        'src/maximo/http/bulkhead.ts',
        'this.#queued() >= QUEUED && ',
        'this.#queued() >= 10 * QUEUED && ',
      ),
    ],
  },
  {
    attack: 'M14',
    test: CONNECTIONS,
    title: 'M14: a client that goes away takes its question to Maximo along',
    edits: [edit('src/mcp/transport/deadline.ts', "reply.raw.once('close', leave)", '')],
  },
  {
    attack: 'M15',
    test: ANSWERS,
    title: 'M15: pages that loop, leave or lie are not followed',
    edits: [
      edit(
        'src/maximo/records/page.ts',
        "if (number !== page + 1) throw new MaximoFault('bad_upstream', { detail: 'page_loop' })",
        '',
      ),
    ],
  },
]

/** What is typed to get there. */
const TYPED: readonly Removal[] = [
  {
    attack: 'B14',
    test: INPUT,
    title: 'B14: a value stays one value, whatever is in it',
    edits: [
      edit(
        'src/maximo/query/parameters.ts',
        'UNRESERVED.test(value) ? value : encodeURIComponent(value)',
        'UNRESERVED.test(value) ? value : encodeURI(value)',
      ),
    ],
  },
  {
    attack: 'B15',
    test: INPUT,
    title: 'B15: a name does not become a path',
    edits: [
      edit('src/mcp/tools/read/object-schema.ts', 'if (!NAME.test(name)) return', "if (name === '') return"),
      edit(
        'src/maximo/schema/catalog.ts',
        "if (!isObjectStructureName(name)) throw new MaximoFault('not_found', { detail: 'name' })",
        '',
      ),
      edit(
        'src/maximo/session.ts',
        "if (!SEGMENT.test(segment)) throw new Error('not a path segment of ours')",
        '',
      ),
    ],
  },
  {
    attack: 'B16',
    test: INPUT,
    title: 'B16: nothing that would end a header becomes one',
    edits: [
      edit('src/maximo/credentials/static-headers.ts', 'if (!form.test(value))', 'if (form.source === "")'),
    ],
  },
  {
    attack: 'B17',
    test: INPUT,
    title: 'B17: the address of an environment leads where it says, or nowhere',
    edits: [
      edit('src/maximo/egress/rules.ts', "if (typedHost.toLowerCase() !== url.hostname) return 'host'", ''),
    ],
  },
  {
    attack: '',
    test: 'test/unit/maximo/writer-records.test.ts',
    title: 'adds, changes and deletes child rows by name, and never another one',
    edits: [
      edit('src/maximo/session.ts', "...(isMerged ? ['patchtype', 'MERGE'] : [])", '...(isMerged ? [] : [])'),
    ],
  },
]

export const MAXIMO: readonly Removal[] = [...TROUBLE, ...TYPED]
