import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { allowedOrigin, type Instance } from './instance.ts'
import { escapeHtml, pageAssets, sendPage } from './page.ts'
import { signIn, type SignInForm } from './sign-in.ts'

const query = z.object({
  redirect_url: z.string().max(8000).optional(),
  __clerk_db_jwt: z.string().max(100).optional(),
})
const form = query.extend({ user: z.string().max(200) })

/** The hosted sign-in page: one button per account, no password, no script. */
export function signInRoutes(app: FastifyInstance, instance: Instance): void {
  pageAssets(app)
  app.get('/sign-in', async (request, reply) => {
    const asked = query.safeParse(request.query)
    const redirectUrl = asked.data?.redirect_url ?? instance.portalOrigins[0]
    if (redirectUrl === undefined || allowedOrigin(redirectUrl, instance) === null)
      return sendPage(reply, {
        status: 400,
        body: '<p>The address to return to is not one of the portal.</p>',
      })
    return sendPage(reply, {
      status: 200,
      body: signInForm(redirectUrl, asked.data?.__clerk_db_jwt, instance),
      formTargets: [...instance.portalOrigins, ...instance.ownOrigins],
    })
  })

  app.post('/sign-in', async (request, reply) => {
    const posted = form.safeParse(request.body)
    if (!posted.success || isForeign(request, instance))
      return sendPage(reply, { status: 400, body: '<p>This form was not understood.</p>' })
    return answerSignIn(reply, instance, {
      email: posted.data.user,
      redirectUrl: posted.data.redirect_url ?? instance.portalOrigins[0] ?? '',
      devBrowser: posted.data.__clerk_db_jwt,
      secret: request.cookies['__client'],
    })
  })
}

async function answerSignIn(reply: FastifyReply, instance: Instance, asked: SignInForm) {
  const outcome = await instance.state.change(() => signIn(asked, instance))
  if (outcome.state === 'refused') return sendPage(reply, { status: 403, body: `<p>${outcome.why}</p>` })

  const { client } = outcome
  const location = new URL(asked.redirectUrl)
  if (instance.kind === 'development') location.searchParams.set('__clerk_db_jwt', client.devBrowser)
  else {
    const uat = `${client.updatedAtS}; Path=/; Max-Age=31536000; SameSite=Lax`
    reply.header('set-cookie', [
      `__client=${client.secret}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly`,
      `__client_uat=${uat}`,
      `__client_uat_${instance.cookieSuffix}=${uat}`,
    ])
  }
  return reply.header('cache-control', 'no-store').redirect(location.href, 303)
}

function isForeign(request: FastifyRequest, instance: Instance): boolean {
  const { origin } = request.headers
  return origin !== undefined && !instance.ownOrigins.includes(origin)
}

function signInForm(redirectUrl: string, devBrowser: string | undefined, instance: Instance): string {
  const hidden = (name: string, value: string): string =>
    `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`
  const buttons = instance.state.data.users.map(({ email, plan }) => {
    const [name, words] = [escapeHtml(email), escapeHtml(`Plan ${plan}`)]
    return `<li class="card head"><div><h2>${name}</h2><p class="soft">${words}</p></div><button type="submit" name="user" value="${name}">Sign in<span class="unseen"> as ${name}</span></button></li>`
  })
  return [
    '<p class="lead">This stands in for Clerk on your own machine. It has no passwords: choose an account.</p>',
    '<form method="post" action="/sign-in">',
    hidden('redirect_url', redirectUrl),
    devBrowser === undefined ? '' : hidden('__clerk_db_jwt', devBrowser),
    `<ul class="cards">${buttons.join('')}</ul>`,
    '</form>',
  ].join('\n')
}
