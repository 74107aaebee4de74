import type { MakeApp } from './app.ts'
import { call } from './call.ts'
import { reply } from './reply.ts'

/** The shop's pages: each asks the services behind for its parts and fails when one of them does. */
export const web: MakeApp = place => ({
  serve: (request, response) => {
    const path = request.url ?? '/'
    const parts =
      path === '/'
        ? [call(place, 'catalog', '/products')]
        : path.startsWith('/products/')
          ? [call(place, 'catalog', path)]
          : path.startsWith('/account/')
            ? [call(place, 'users', `/api/users/${path.slice('/account/'.length)}`)]
            : []
    if (parts.length === 0) return reply(response, 404, { error: 'not found' })
    void Promise.all(parts).then(answers => {
      const failed = answers.some(({ status }) => status === 0 || status >= 500)
      reply(response, failed ? 502 : 200, failed ? { error: 'a part is missing' } : { page: path })
    })
  },
})
