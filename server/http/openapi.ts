import { toJSONSchema } from 'zod'
import { errorSchema } from '#lib/api/common.ts'
import { commands, endpoints } from '#lib/api/endpoints.ts'
import { scrapeTargetsPath, scrapeTargetsSchema } from '#lib/api/sd.ts'

type Json = Readonly<Record<string, unknown>>

/** The API as an OpenAPI 3.1 document that leaves open where it is served, made from the same schemas that read its questions. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {}
  for (const [id, { path, summary, query, answer }] of Object.entries(endpoints)) {
    const { properties = {}, required = [] } = toJSONSchema(query, { io: 'input' })
    paths[path] = {
      get: {
        operationId: id,
        summary,
        parameters: Object.entries(properties).map(([name, schema]) => ({
          name,
          in: 'query',
          required: required.includes(name),
          schema,
        })),
        responses: {
          '200': response('The answer', withoutDialect(toJSONSchema(answer))),
          default: response('Why there is none, and what to ask instead', {
            $ref: '#/components/schemas/Error',
          }),
        },
      },
    }
  }
  paths[scrapeTargetsPath] = {
    get: {
      operationId: 'sd',
      summary: 'The proxies of the mesh, for the HTTP service discovery of Prometheus',
      responses: {
        '200': response('Targets with their labels', withoutDialect(toJSONSchema(scrapeTargetsSchema))),
      },
    },
  }
  for (const [id, { path, summary, body, answer }] of Object.entries(commands)) {
    paths[path] = {
      ...paths[path],
      post: {
        operationId: id,
        summary,
        requestBody: {
          required: true,
          content: { 'application/json': { schema: withoutDialect(toJSONSchema(body, { io: 'input' })) } },
        },
        responses: {
          '201': response('What was made of it', withoutDialect(toJSONSchema(answer))),
          default: response('Why it was refused', { $ref: '#/components/schemas/Error' }),
        },
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'meshscope',
      version,
      description: 'Golden metrics, edges and topology of a service mesh',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: { schemas: { Error: withoutDialect(toJSONSchema(errorSchema)) } },
  }
}

function response(description: string, schema: Json): Json {
  return { description, content: { 'application/json': { schema } } }
}

function withoutDialect(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'))
}
