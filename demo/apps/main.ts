import * as z from 'zod/mini'
import { appPlaceSchema, orderSchema } from './order.ts'
import { SampleApps } from './sample-apps.ts'

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
process.once('uncaughtException', fail)

const apps = new SampleApps()
const end = () => {
  apps.close()
  process.exit(0)
}
process.once('SIGTERM', end)
process.once('SIGINT', end)
process.once('disconnect', end)

// A parent says when the proxies are up; until then nobody sends. Without a parent they are up.
process.on('message', message => {
  const order = orderSchema.parse(message)
  switch (order.kind) {
    case 'places':
      return void apps.setPlaces(order.places).catch((error: Error) => console.error(error.message))
    case 'start':
      return apps.start()
    case 'troubles':
      apps.troubles = order.troubles
  }
})
await apps.setPlaces(z.array(appPlaceSchema).parse(JSON.parse(process.env.MESHSCOPE_SAMPLE_APPS ?? '[]')))
if (!process.send) apps.start()
console.log(`apps ready count=${apps.size}`)
