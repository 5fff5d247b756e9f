/*
 * Mutants of the Lua that stands in template literals: to Stryker such a script is one string, but the admission script is
 * the decision itself. The kinds are those that Stryker has for JavaScript, and every number one greater.
 */
const OTHERS = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '==': ['~='],
  '~=': ['=='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  and: ['or'],
  or: ['and'],
}
const METHODS = { floor: 'ceil', ceil: 'floor', max: 'min', min: 'max' }

/** A script: a template literal of such a name. What it is given from elsewhere is left out. */
const SCRIPT = /_(?:LUA|SCRIPT) = `\n([^`\\]*)`/g
const GIVEN = /\$\{[^}]*\}/g

/**
 * @param parse `luaparse.parse`
 * @returns as the mutants of Stryker: line, kind, replacement, and the whole text with it
 */
export function luaMutants(content, parse) {
  return [...content.matchAll(SCRIPT)].flatMap(({ index, 0: whole, 1: lua }) => {
    const from = index + whole.length - 1 - lua.length
    const tree = parse(
      lua.replace(GIVEN, (given) => ' '.repeat(given.length)),
      { ranges: true, comments: false },
    )
    return nodesOf(tree).flatMap((node) =>
      changesOf(node, lua).map(({ kind, range: [start, end], replacement }) => ({
        line: content.slice(0, from + start).split('\n').length,
        kind: `Lua${kind}`,
        replacement,
        text: content.slice(0, from + start) + replacement + content.slice(from + end),
      })),
    )
  })
}

function nodesOf(value) {
  if (typeof value !== 'object' || value === null) return []
  const isCommand = value.type === 'CallExpression' && value.base.identifier?.name === 'call'
  // Without the name of a command: of an empty one Redis itself says that there is none.
  const members = isCommand ? value.arguments.slice(1) : Object.values(value)
  const within = members.flatMap(nodesOf)
  return typeof value.type === 'string' ? [value, ...within] : within
}

function changesOf(node, lua) {
  const change = (kind, replacement, { range } = node) => ({ kind, range, replacement })
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression': {
      const { left, right, operator } = node
      const range = operatorRange(lua, left.range[1], right.range[0], operator)
      return (OTHERS[operator] ?? []).map((other) => change('Operator', other, { range }))
    }
    case 'UnaryExpression':
      return node.operator === 'not' ? [change('Not', lua.slice(...node.argument.range))] : []
    case 'IfClause':
    case 'ElseifClause':
      return ['true', 'false'].map((always) => change('Condition', always, node.condition))
    case 'WhileStatement':
      return [change('Condition', 'false', node.condition)]
    case 'StringLiteral':
      return [change('String', node.raw.length === 2 ? "'mutant'" : "''")]
    case 'NumericLiteral':
      return [change('Number', String(node.value + 1))]
    case 'CallStatement':
      return [change('Call', '')]
    case 'MemberExpression': {
      const other = METHODS[node.identifier.name]
      return other === undefined ? [] : [change('Method', other, node.identifier)]
    }
    default:
      return []
  }
}

/** Brackets may stand between an operand and its operator. */
function operatorRange(lua, from, to, operator) {
  const at = lua.slice(from, to).indexOf(operator) + from
  return [at, at + operator.length]
}
