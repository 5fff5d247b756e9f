import { attachmentIdOf } from '../records/addresses.ts'
import { renderParameters } from '../query/parameters.ts'
import { sendDelete } from './act.ts'
import type {
  AttachDone,
  AttachedFile,
  AttachRequest,
  DetachRequest,
  Done,
  FieldProblem,
  Outcome,
  WriteCall,
} from './contract.ts'
import { fieldProblem, invalid } from './problems.ts'
import { callHeaders, sendOnce, type Tools } from './send.ts'
import { locate, segmentsOf } from './target.ts'

/** The bytes as they are, described by headers; or an address (maximo-api §5). */
export const attach = async (
  request: AttachRequest,
  tools: Tools,
  call: WriteCall,
): Promise<Outcome<AttachDone>> => {
  const problems = problemsOf(request)
  if (problems.length > 0) return invalid(...problems)
  const located = await locate(request, tools, call)
  if (located.kind !== 'located') return located
  const objectStructure = request.objectStructure.toUpperCase()
  const { file } = request
  const sent = await sendOnce(
    {
      segments: [...segmentsOf(objectStructure, located.id), 'doclinks'],
      operation: 'post',
      queryString: renderParameters([]),
      headers: [...headersOf(request), ...callHeaders(call)],
      body: 'url' in file ? '' : file.bytes,
    },
    { right: { objectStructure, action: 'attach files' }, tools },
    call,
  )
  if (sent.kind !== 'answered') return sent
  const attachmentId = sent.location === null ? null : attachmentIdOf(sent.location, tools.session.base)
  return { kind: 'done', attachmentId }
}

export const detach = async (
  request: DetachRequest,
  tools: Tools,
  call: WriteCall,
): Promise<Outcome<Done>> => {
  if (!NUMBER.test(request.attachmentId)) return { kind: 'missing', what: 'attachment' }
  const located = await locate(request, tools, call)
  if (located.kind !== 'located') return located
  const objectStructure = request.objectStructure.toUpperCase()
  const segments = [...segmentsOf(objectStructure, located.id), 'doclinks', request.attachmentId]
  const sent = await sendDelete(segments, { objectStructure, tools }, call)
  if (sent.kind === 'answered') return { kind: 'done' }
  return sent.kind === 'missing' ? { kind: 'missing', what: 'attachment' } : sent
}

const headersOf = ({ file, description, docType = 'Attachments' }: AttachRequest): readonly string[] => [
  ...('url' in file
    ? ['x-document-meta', `URL/${docType}`, 'content-location', file.url]
    : ['x-document-meta', `FILE/${docType}`, ...fileHeaders(file)]),
  ...(description === undefined
    ? []
    : textHeader('x-document-description', 'x-document-encdescription', description)),
]

const fileHeaders = ({ name, mediaType, sizeBytes }: AttachedFile): readonly string[] => [
  ...textHeader('slug', 'encslug', name),
  ...['content-type', mediaType, 'content-length', String(sizeBytes)],
]

/** Plain ASCII as it is, anything else in base64 under the other name. */
const textHeader = (plain: string, encoded: string, text: string): readonly string[] =>
  ASCII.test(text) ? [plain, text] : [encoded, Buffer.from(text, 'utf8').toString('base64')]

const problemsOf = ({
  file,
  description,
  docType = 'Attachments',
}: AttachRequest): readonly FieldProblem[] => [
  ...('url' in file ? linkProblems(file.url) : fileProblems(file)),
  ...(description === undefined || TEXT.test(description)
    ? []
    : [fieldProblem('bad_value', 'description', 'A description is one line of at most 254 characters.')]),
  ...(FOLDER.test(docType)
    ? []
    : [fieldProblem('bad_value', 'docType', 'A folder is named by letters, digits, spaces, “_” and “-”.')]),
]

const linkProblems = (url: string): readonly FieldProblem[] =>
  LINK.test(url) && URL.canParse(url)
    ? []
    : [fieldProblem('bad_value', 'file.url', 'Give an http or https address of at most 250 characters.')]

const fileProblems = ({ name, mediaType, sizeBytes }: AttachedFile): readonly FieldProblem[] => [
  ...(FILE_NAME.test(name)
    ? []
    : [
        fieldProblem(
          'bad_value',
          'file.name',
          'A file name has at most 100 characters, and no / or \\ in it.',
        ),
      ]),
  ...(MEDIA_TYPE.test(mediaType)
    ? []
    : [fieldProblem('bad_value', 'file.mediaType', 'A media type is like image/png.')]),
  ...(Number.isSafeInteger(sizeBytes) && sizeBytes > 0
    ? []
    : [fieldProblem('bad_value', 'file.sizeBytes', 'An empty file cannot be attached.')]),
]

const ASCII = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/
const TEXT = /^[^\p{Cc}\p{Cs}\u2028\u2029]{1,254}$/u
const FOLDER = /^[A-Za-z0-9][A-Za-z0-9 _-]{0,15}$/
const FILE_NAME = /^[^\p{Cc}\p{Cs}\u2028\u2029/\\]{1,100}$/u
const MEDIA_TYPE = /^[\w.+-]{1,80}\/[\w.+-]{1,80}$/
const LINK = /^https?:\/\/[\x21-\x7e]{1,240}$/
const NUMBER = /^\d{1,19}$/
