import { err, ok, type Result } from '../../kernel/result.ts'
import type { ToolAccess } from '../tools/access/tool-access.ts'
import { withheldSentence } from '../tools/access/withheld.ts'
import { didYouMean } from '../tools/problem/did-you-mean.ts'
import { visible } from '../tools/result/visible.ts'
import type { ToolProblem } from '../tools/problem/tool-problem.ts'
import type { Tool } from '../tools/tool.ts'
import type { FixedResource, ResourceFacts, TemplateResource, Values } from './resource.ts'
import { absolute, match, readUri, SCHEME, uriOf } from './uri.ts'

/** What an address leads to. `tool`: what admission goes by; null where nothing is asked but to be admitted. */
export type Found =
  | { readonly kind: 'fixed'; readonly resource: FixedResource; readonly tool: Tool | null }
  | {
      readonly kind: 'template'
      readonly resource: TemplateResource
      readonly tool: Tool
      readonly values: Values
    }

/** The resources as they are served: who may list and read what of them, by the one rule that decides on tools. */
export interface ServedResources {
  /** Those of one address. */
  fixed(access: ToolAccess): readonly (FixedResource & { readonly uri: string })[]
  templates(access: ToolAccess): readonly (TemplateResource & { readonly uriTemplate: string })[]
  /** What the token does not allow is found all the same: admission refuses it, with the scope that would do. */
  find(uri: string, access: ToolAccess): Result<Found, ToolProblem>
  /** The tool that the work of reading an address counts as, whoever asks; null: it is none. */
  toolBehind(uri: string): string | null
  /** A template by its address as the list shows it. */
  findTemplate(
    uriTemplate: string,
    access: ToolAccess,
  ): Result<Extract<Found, { kind: 'template' }>, ToolProblem>
}

export type Resource = FixedResource | TemplateResource

/** @throws Error when two resources share a name or an address */
export function serveResources(all: readonly Resource[]): ServedResources {
  const fixed = all.filter((one) => 'text' in one)
  const templates = all.filter((one) => 'read' in one)
  for (const key of ['name', 'path'] as const)
    if (new Set(all.map((one) => one[key])).size < all.length) throw new Error(`two resources share a ${key}`)
  const knownKinds = [...new Set(all.map(({ path }) => path.split('/')[0] ?? ''))]

  function find(uri: string, access: ToolAccess): Result<Found, ToolProblem> {
    const own = access.caller.facts.environment
    const resource = fixed.find(({ path }) => absolute(path, own) === uri)
    if (resource !== undefined) return allowed({ kind: 'fixed', resource, tool: null }, access)
    if (!uri.startsWith(SCHEME)) return err(notFound(uri))
    const read = readUri(uri)
    if (!read.ok) return err(malformed(read.error))
    const { environment, segments } = read.value
    if (environment !== own) return err(otherEnvironment(environment, own))
    for (const one of templates) {
      const values = match(one.path, segments)
      if (values === null) continue
      const wrong = Object.entries(one.variables).find(
        ([name, { pattern }]) => !pattern.test(values[name] ?? ''),
      )
      if (wrong !== undefined) return err(wrongVariable(wrong[0], one))
      return allowed({ kind: 'template', resource: one, values }, access)
    }
    return err(notFound(uri, didYouMean(segments[0] ?? '', knownKinds)))
  }

  return {
    fixed: (access) =>
      fixed
        .filter((one) => isListed(one, access))
        .map((one) => ({ ...one, uri: absolute(one.path, access.caller.facts.environment) })),
    templates: (access) =>
      templates
        .filter((one) => isListed(one, access))
        .map((one) => ({ ...one, uriTemplate: uriOf(access.caller.facts.environment, one.path) })),
    find,
    toolBehind(uri) {
      const read = readUri(uri)
      if (!read.ok) return null
      return templates.find(({ path }) => match(path, read.value.segments) !== null)?.tool ?? null
    },
    findTemplate(uriTemplate, access) {
      const own = access.caller.facts.environment
      const resource = templates.find(({ path }) => uriOf(own, path) === uriTemplate)
      if (resource === undefined) return err(notFound(uriTemplate))
      return allowed({ kind: 'template', resource, values: {} }, access)
    },
  }
}

function isListed({ tool: name }: ResourceFacts, access: ToolAccess): boolean {
  if (name === null) return true
  const tool = access.find(name)
  return tool !== undefined && access.decide(tool).ok
}

type Asked =
  | { readonly kind: 'fixed'; readonly resource: FixedResource; readonly tool: null }
  | { readonly kind: 'template'; readonly resource: TemplateResource; readonly values: Values }

function allowed<One extends Asked>(
  asked: One,
  access: ToolAccess,
): Result<Extract<Found, { kind: One['kind'] }>, ToolProblem>
function allowed(asked: Asked, access: ToolAccess): Result<Found, ToolProblem> {
  const { name, tool: toolName } = asked.resource
  const tool = toolName === null ? undefined : access.find(toolName)
  if (tool === undefined) return asked.kind === 'fixed' && toolName === null ? ok(asked) : err(notFound(name))
  const standing = access.decide(tool)
  if (!standing.ok && standing.error.by !== 'token')
    return err({
      kind: 'not_found',
      what: `The resource "${name}" is not available here.`,
      why: withheldSentence(standing.error),
      next: LIST,
    })
  // A content that is known beforehand asks nothing of Maximo; a token that may not have it is refused as for the tool.
  if (asked.kind === 'fixed') return ok({ ...asked, tool: standing.ok ? null : tool })
  return ok({ ...asked, tool })
}

const LIST = 'resources/list and resources/templates/list name what there is at this address.'
const shown = (text: string): string => visible(text.slice(0, 100))

const notFound = (uri: string, near = ''): ToolProblem => ({
  kind: 'not_found',
  what: `There is no resource "${shown(uri)}".${near}`,
  why: null,
  next: LIST,
})

const malformed = (why: string): ToolProblem => ({
  kind: 'invalid_input',
  what: 'The address of the resource cannot be read.',
  why: `What is wrong: ${why}.`,
  next: 'Write it as its template says, each variable percent-encoded: BEDFORD/1001 is BEDFORD%2F1001.',
})

const otherEnvironment = (asked: string, own: string): ToolProblem => ({
  kind: 'invalid_value',
  what: `The address names the environment "${shown(asked)}", but this connection reaches "${own}" only.`,
  why: 'One connection reaches one Maximo environment.',
  next: `Use an address that begins with ${uriOf(own, '')} or connect to the other environment.`,
})

const wrongVariable = (name: string, { path }: TemplateResource): ToolProblem => ({
  kind: 'invalid_value',
  what: `"${name}" in the address is not what can stand there.`,
  why: `The address is ${path}, below the environment.`,
  next: 'completion/complete proposes values; describe_object lists objects and keys.',
})
