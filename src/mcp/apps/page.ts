import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { sha256 } from '../../crypto/digest.ts'
import { APPS, type AppName } from './app.ts'
import { APP_STYLESHEET } from './look.ts'

/** What the compiler made of `view/`: modules of CommonJS, found from the source and from what is compiled alike. */
const COMPILED = new URL('../../../dist/views/', import.meta.url)
const VIEW = 'mcp/apps/view'

const pages = new Map<AppName, string>()

/**
 * A picture as one document: its style and its script stand in it, and its policy names both by their hashes and allows
 * nothing else. So it needs no address, and no text that gets into it is ever run.
 * @throws Error when the views are not compiled
 */
export function appPage(name: AppName): string {
  const made = pages.get(name) ?? makePage(name)
  pages.set(name, made)
  return made
}

function makePage(name: AppName): string {
  const script = bundle(`${VIEW}/${name}.js`)
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hashOf(script)}'`,
    `style-src 'sha256-${hashOf(APP_STYLESHEET)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${APPS[name].title}</title>`,
    `<style>${APP_STYLESHEET}</style>`,
    '</head>',
    `<body><script>${script}</script></body>`,
    '</html>',
  ].join('\n')
}

const hashOf = (text: string): string => Buffer.from(sha256(text)).toString('base64')

/** The modules that `entry` needs, each in a function, and the few lines that call them in order. */
function bundle(entry: string): string {
  const modules = new Map<string, string>()
  const add = (path: string): void => {
    if (modules.has(path)) return
    modules.set(path, '')
    const source = readFileSync(new URL(path, COMPILED), 'utf8')
    const needs = [...source.matchAll(REQUIRES)].map(
      ([, to = '']) => [to, posix.join(posix.dirname(path), to)] as const,
    )
    for (const [, to] of needs) add(to)
    modules.set(path, `[${JSON.stringify(Object.fromEntries(needs))},function(exports,require){${source}}]`)
  }
  add(entry)
  const table = [...modules].map(([path, source]) => `${JSON.stringify(path)}:${source}`).join(',\n')
  const script = `(function(){'use strict';const made={};const modules={${table}};${LOADER}load(${JSON.stringify(entry)})})()`
  // In the document either would end the script, or begin a comment.
  if (/<\/script|<!--/i.test(script)) throw new Error(`The view ${entry} cannot stand in a document.`)
  return script
}

const REQUIRES = /\brequire\("(\.[^"]+)"\)/g
const LOADER =
  'function load(path){if(made[path]===undefined){made[path]={};const [needs,run]=modules[path];run(made[path],(to)=>load(needs[to]))}return made[path]}'
