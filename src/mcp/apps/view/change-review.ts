import { HostError, type Host, type ToolResult } from './bridge.ts'
import { outcomes, parts } from './change-parts.ts'
import { isWaiting, offerOf, readChange, type Change } from './change.ts'
import { button, only, type Child } from './element.ts'
import { isHeld, show, wordFor, type Drawing, type Frame, type Tone } from './frame.ts'

interface State {
  host: Host | null
  change: Change | null
  /** What the diff was when it was staged: the answers about its end have none. */
  planned: Change | null
  /** The person went to the approval page: what they decided is looked for when they come back. */
  isAway: boolean
}

interface Review {
  readonly frame: Frame
  readonly state: State
}

show({ name: 'maximo-change-review', title: 'Change review', start })

function start(frame: Frame): Drawing {
  const review: Review = {
    frame,
    state: { host: null, change: null, planned: null, isAway: false },
  }
  const back = (): void => {
    if (review.state.isAway && document.visibilityState === 'visible') void look(review)
  }
  document.addEventListener('visibilitychange', back)
  window.addEventListener('focus', back)
  return {
    onHost(host) {
      review.state.host = host
      drawActions(review)
    },
    onResult: (result) => take(review, result),
  }
}

function take(review: Review, { text, isError }: ToolResult): void {
  const { frame, state } = review
  const change = isError ? null : readChange(text)
  if (change === null && state.change === null) {
    frame.plain(text, isError)
    return
  }
  if (change === null) frame.refused(text)
  else keep(state, change)
  draw(review)
}

/** The answers about the end of a change have no diff: the one that was staged stays. */
function keep(state: State, change: Change): void {
  const isAnother = state.change?.id !== change.id
  state.change = change
  if (isWaiting(change)) state.planned = change
  else if (isAnother) state.planned = null
}

/** A change that is past shows what it was when it was staged. */
function draw(review: Review): void {
  const { frame, state } = review
  const { change, planned } = state
  if (change === null) return
  frame.origin(change.environment, change.asOf)
  frame.say(wordFor(SAYS, change.state) ?? `Its state is ${change.state}.`, toneOf(change))
  drawActions(review)
  const shown = planned === null ? change : { ...planned, state: change.state }
  only(frame.content, ...(isWaiting(change) ? [] : outcomes(change)), ...parts(shown))
}

const SAYS: Readonly<Record<string, string>> = {
  planned: 'Nothing is written yet.',
  approved: 'A person has agreed to it. Nothing is written yet.',
  discarded: 'It is discarded and can never be written.',
  written: 'It is written to Maximo.',
  partly_written: 'A part of it is written to Maximo.',
  not_written: 'Nothing of it was written.',
  unknown: 'Nobody knows yet whether it was written.',
  unclear: 'Maximo holds something else than what was sent.',
  writing: 'It is being written.',
}

function toneOf({ state }: Change): Tone {
  if (state === 'written') return 'good'
  return PLAIN.has(state) ? 'none' : 'warn'
}
const PLAIN: ReadonlySet<string> = new Set(['planned', 'approved', 'discarded', 'writing'])

function drawActions({ frame, state }: Review): void {
  const { host, change } = state
  if (host === null || change === null) return
  const hadFocus = frame.actions.contains(document.activeElement)
  only(frame.actions, ...actionsOf({ frame, state }, host, change))
  if (hadFocus) frame.actions.querySelector<HTMLElement>('button')?.focus()
}

function actionsOf(review: Review, host: Host, change: Change): readonly Child[] {
  if (!host.capabilities.canCallTools) return []
  const lookAgain = button('Look again', '', () => void look(review))
  if (!isWaiting(change)) return SETTLED.has(change.state) ? [] : [lookAgain]
  const discard = button('Discard', '', () => void call(review, 'Discarding it.', DISCARD))
  switch (offerOf(change)) {
    case 'write':
      return [discard, button('Write it to Maximo', 'primary', () => void commit(review))]
    case 'page':
      return host.capabilities.canOpenLinks
        ? [discard, lookAgain, button('Open the approval page', 'primary', () => void openPage(review))]
        : [discard, lookAgain]
    case 'nothing':
      return [discard]
  }
}

const SETTLED: ReadonlySet<string> = new Set([
  'discarded',
  'written',
  'partly_written',
  'not_written',
  'unclear',
])

/** Opens the page on which a person agrees; nothing here agrees to anything. */
async function openPage({ frame, state }: Review): Promise<void> {
  const { host, change } = state
  const page = change?.approveAt ?? null
  if (host === null || page === null || isHeld()) return
  state.isAway = true
  const isOpen = await frame.hold(`Opening ${page.host}.`, () => host.openLink(page.href))
  if (isOpen === null) return
  frame.say(
    isOpen
      ? `Agree to change ${change?.id ?? ''} on the page at ${page.host}, then come back here.`
      : `The client does not open pages. Open ${page.href} in your browser.`,
  )
}

interface Asked {
  readonly tool: string
  /** The tool of ours that calls it where an address does not list it. */
  readonly by: 'call_read_tool' | 'call_write_tool' | null
}
const LOOK: Asked = { tool: 'get_change', by: 'call_read_tool' }
const DISCARD: Asked = { tool: 'discard_change', by: 'call_write_tool' }
const COMMIT: Asked = { tool: 'commit_change', by: null }

const look = (review: Review): Promise<string> => call(review, 'Looking at what became of it.', LOOK)

/** What was not written as planned is told as a refusal; what became of it record by record stands in the change. */
async function commit(review: Review): Promise<void> {
  const problem = await call(review, 'Writing it to Maximo.', COMMIT)
  if (problem === '') return
  await look(review)
  review.frame.refused(problem)
}

/** @returns what the tool refused it with; empty: it did not */
async function call(review: Review, saying: string, asked: Asked): Promise<string> {
  const { frame, state } = review
  const { host, change } = state
  if (host === null || change === null || isHeld()) return ''
  frame.refused('')
  const result = await frame.hold(saying, () => callBy(host, asked, { change_id: change.id }))
  if (result === null) return ''
  state.isAway = false
  take(review, result)
  return result.isError ? result.text : ''
}

/** An address that names its toolsets lists the tool itself, and may not have the one that calls others. */
async function callBy(
  host: Host,
  { tool, by }: Asked,
  args: { readonly change_id: string },
): Promise<ToolResult> {
  if (by === null) return host.callTool(tool, args)
  try {
    return await host.callTool(by, { tool, arguments: args })
  } catch (error) {
    if (!(error instanceof HostError && error.isAnswer)) throw error
    return host.callTool(tool, args)
  }
}
