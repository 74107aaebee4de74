import { Histogram, type Registry } from 'prom-client'
import type { Golden } from './golden.ts'

/** The same answers, each timed by topic in `meshscope_question_seconds`. */
export function measured(golden: Golden, registry: Registry): Golden {
  const seconds = new Histogram({
    name: 'meshscope_question_seconds',
    help: 'How long questions of the API took to answer',
    labelNames: ['topic', 'result'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  })
  return {
    async ask(topic, params) {
      const stop = seconds.startTimer({ topic })
      try {
        const answer = await golden.ask(topic, params)
        stop({ result: 'answered' })
        return answer
      } catch (error) {
        stop({ result: 'failed' })
        throw error
      }
    },
  }
}
