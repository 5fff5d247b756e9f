import { connect, HostError, type Host, type JsonObject, type Listener, type ToolResult } from './bridge.ts'
import { el, only, typed } from './element.ts'
import type { Table } from './table.ts'
import { follow } from './theme.ts'

/** What stands around the content of every picture, and what a picture does with what the host tells. */
export interface Frame {
  /** Where the picture draws. */
  readonly content: HTMLElement
  /** Where its buttons stand. */
  readonly actions: HTMLElement
  /** Said aloud to whoever cannot see it change. */
  say(sentence: string, tone?: Tone): void
  /** What a call was refused with, above everything that stays; empty: nothing any more. */
  refused(text: string): void
  /** The Maximo that answered, and when. */
  origin(environment: string, asOf: string): void
  /** The answer as text, where it is no picture. */
  plain(text: string, isError: boolean): void
  /** Runs a call to the host with the buttons held; null, and said, when it fails. */
  hold<T>(saying: string, work: () => Promise<T>): Promise<T | null>
}

/** Whether a sentence is the end of something. */
export type Tone = 'good' | 'warn' | 'none'

export interface Picture {
  /** How it calls itself to the host. */
  readonly name: string
  readonly title: string
  readonly start: (frame: Frame) => Drawing
}

export interface Drawing {
  readonly onHost: (host: Host) => void
  readonly onInput?: (args: JsonObject) => void
  readonly onResult: (result: ToolResult) => void
  /** The looks or the width have changed. */
  readonly onLooks?: () => void
}

export function show({ name, title, start }: Picture): void {
  const frame = frameOf(title)
  const drawing = start(frame)
  frame.say('Waiting for the answer of Maximo.')
  const listener: Listener = {
    onInput: (args) => drawing.onInput?.(args),
    onResult: drawing.onResult,
    onCancelled: () => frame.say('The call was ended before there was an answer.'),
    onContext: (context) => {
      follow(context)
      drawing.onLooks?.()
    },
  }
  connect(name, listener).then(drawing.onHost, (error: unknown) => frame.say(failure(error)))
}

function frameOf(title: string): Frame {
  const origin = el('p', { class: 'origin' })
  const actions = el('div', { class: 'actions' })
  const status = el('p', { class: 'status', role: 'status' })
  const problem = el('div', { class: 'problem', role: 'alert' })
  const content = el('div', { class: 'content' })
  const head = el('header', {}, el('div', {}, el('h1', {}, title), origin), actions)
  document.body.append(el('main', {}, head, status, problem, content))
  const say = (sentence: string, tone: Tone = 'none'): void => {
    status.dataset['tone'] = tone
    only(status, sentence)
  }
  return {
    content,
    actions,
    say,
    refused: (text) => only(problem, text === '' ? null : typed(text)),
    origin: (environment, asOf) => only(origin, typed(environment), ` · ${momentText(asOf)}`),
    plain(text, isError) {
      say(isError ? 'This is what the tool answered; nothing else happened.' : 'The answer as text.')
      only(content, el('pre', { tabindex: 0, role: 'region', 'aria-label': 'Answer' }, text))
    },
    async hold(saying, work) {
      say(saying)
      setHeld(true)
      try {
        return await work()
      } catch (error) {
        say(failure(error))
        return null
      } finally {
        setHeld(false)
      }
    },
  }
}

/** Buttons stay where they are and keep the focus; a held one does nothing. */
function setHeld(isHeld: boolean): void {
  document.body.toggleAttribute('data-held', isHeld)
  for (const one of document.querySelectorAll('button')) one.setAttribute('aria-disabled', String(isHeld))
}

export const isHeld = (): boolean => document.body.hasAttribute('data-held')

/** A sentence of the client about its refusal, or of ours. */
function failure(error: unknown): string {
  if (!(error instanceof HostError)) throw error
  return `The client did not do it: ${error.message}`
}

/** What an answer says beside its rows. */
export const notesOf = ({ notes }: Table): HTMLElement | null =>
  notes.length === 0 ? null : el('ul', { class: 'notes' }, ...notes.map((note) => el('li', {}, note)))

/** A word of ours for a word of an answer, where there is one. */
export const wordFor = (words: Readonly<Record<string, string>>, name: string): string | null =>
  Object.hasOwn(words, name) ? (words[name] ?? null) : null

/** An instant of an answer, which is always in UTC, to the minute. */
export const momentText = (instant: string): string =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(instant)
    ? `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`
    : instant
