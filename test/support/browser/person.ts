import type { Locator, Page } from 'playwright-core'
import type { Stack } from '../../../src/dev/processes/stack.ts'

/** What a person types into the vault. */
export interface Typed {
  readonly label?: string
  readonly baseUrl?: string
  readonly user?: string
  readonly key: string
}

/** A person at a real browser: reads headings and button names, types, clicks. */
export class Person {
  readonly page: Page
  /** Who signed in. */
  email = ''
  readonly #stack: Pick<Stack, 'portalUrl' | 'mcpUrl'>

  constructor(page: Page, stack: Pick<Stack, 'portalUrl' | 'mcpUrl'>) {
    this.page = page
    this.#stack = stack
  }

  async go(path: string): Promise<void> {
    await this.page.goto(`${this.#stack.portalUrl}${path}`)
  }

  async goToServer(path: string): Promise<void> {
    await this.page.goto(`${this.#stack.mcpUrl}${path}`)
  }

  async signIn(email: string): Promise<void> {
    await this.go('/')
    await this.follow('Sign in')
    await this.choose(email)
  }

  /** One account on the stand-in's sign-in page. */
  async choose(email: string): Promise<void> {
    this.email = email
    await this.#onward(this.page.locator(`button[name="user"][value="${email}"]`))
  }

  async click(name: string): Promise<void> {
    await this.#onward(this.page.getByRole('button', { name, exact: true }))
  }

  async follow(name: string): Promise<void> {
    await this.#onward(this.page.getByRole('link', { name, exact: true }))
  }

  /** Every button and link of ours leads to another page: clicks, and waits until it is there. */
  async #onward(target: Locator): Promise<void> {
    const arrived = this.page.waitForEvent('domcontentloaded')
    await target.click()
    await arrived
  }

  heading(): Promise<string> {
    return this.page.getByRole('heading', { level: 1 }).innerText()
  }

  text(): Promise<string> {
    return this.page.locator('main').innerText()
  }

  /** From the page with that button into the vault, over the page between the two origins. */
  async enterVault(button: string, from = '/environments'): Promise<void> {
    await this.go(from)
    await this.click(button)
    await this.throughTheDoor()
  }

  async throughTheDoor(): Promise<void> {
    await this.click(`Continue to ${new URL(this.#stack.mcpUrl).host}`)
  }

  /** Fills in what the form asks for. With a user, the key is a password. */
  async fillVault({ label, baseUrl, user, key }: Typed): Promise<void> {
    const { page } = this
    if (label !== undefined) await page.getByLabel('Name of the environment').fill(label)
    if (baseUrl !== undefined) await page.getByLabel('Address of Maximo').fill(baseUrl)
    if (user !== undefined) {
      await page.getByLabel('User name and password').check()
      await page.getByLabel('User name', { exact: true }).fill(user)
    }
    await page.locator('#key').fill(key)
  }
}
