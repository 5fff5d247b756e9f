import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Frame, Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** By night only colours differ. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block']

/** The narrowest width that WCAG asks for (1.4.10), and a usual desktop; each as it looks by day and by night. */
const VIEWS = [
  { name: 'wide-light', width: 1280, colorScheme: 'light', runOnly: TAGS },
  { name: 'narrow-light', width: 320, colorScheme: 'light', runOnly: TAGS },
  { name: 'wide-dark', width: 1280, colorScheme: 'dark', runOnly: COLOUR_RULES },
  { name: 'narrow-dark', width: 320, colorScheme: 'dark', runOnly: COLOUR_RULES },
] as const

/** With this folder set, every inspected page is also saved as a picture, to be looked at. */
const PICTURES = process.env['BROWSER_PICTURES']

/**
 * What is wrong with the page as it stands, in every view: violations of WCAG 2.2 AA that axe-core finds, and text that
 * has to be scrolled sideways. Each as one readable line; empty is good.
 * @param frame the part of the page that is ours, where it stands in a page of somebody else
 */
export async function inspectPage(
  page: Page,
  name: string,
  frame: Frame = page.mainFrame(),
): Promise<string[]> {
  const found: string[] = []
  await page.waitForLoadState()
  // By the debugger, so the page's policy, which allows no script, stays as it is.
  await frame.evaluate(AXE)
  for (const view of VIEWS) {
    await page.emulateMedia({ colorScheme: view.colorScheme })
    await page.setViewportSize({ width: view.width, height: 800 })
    const problems = [...(await axeProblems(frame, view.runOnly)), ...(await overflow(frame))]
    found.push(...problems.map((problem) => `${name} ${view.name}: ${problem}`))
    await takePicture(page, `${name}.${view.name}`)
  }
  return found
}

interface AxeRun {
  readonly violations: readonly {
    readonly id: string
    readonly help: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
  }[]
}

async function axeProblems(frame: Frame, runOnly: readonly string[]): Promise<string[]> {
  const options = JSON.stringify({ runOnly, resultTypes: ['violations'], preload: false })
  const { violations } = await frame.evaluate<AxeRun>(`axe.run(document, ${options})`)
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html} ${node.failureSummary ?? ''}`),
  )
}

async function overflow(frame: Frame): Promise<string[]> {
  const [needed, given] = await frame.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return [scrollWidth, clientWidth] as const
  })
  return needed > given ? [`needs ${needed} px of ${given}`] : []
}

async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined || PICTURES === '') return
  await mkdir(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
}
