// @vitest-environment happy-dom
import { act } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openTestPage } from './test-page.tsx'
import { TooltipBox } from './tooltip-box.tsx'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function openPage() {
  const page = openTestPage()
  const show = (reason: string) =>
    page.show(
      <>
        <table>
          <thead>
            <tr>
              <th>Name</th>
              <th>RPS</th>
              <th>P95</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th>
                <a href="/web" aria-description="shop/deployment/web">
                  web
                </a>
              </th>
              <td>
                <span aria-description={reason}>–</span>
              </td>
              <td>
                <span aria-description={reason}>–</span>
              </td>
            </tr>
          </tbody>
        </table>
        <p>plain</p>
        <TooltipBox />
      </>,
    )
  show('No request')
  const tooltip = () => page.element.querySelector('[role="tooltip"]')
  const point = (selector: string, type = 'pointerover', pointerType = 'mouse') =>
    act(() => {
      const event = new PointerEvent(type, { bubbles: true, pointerType })
      page.element.querySelector(selector)?.dispatchEvent(event)
    })
  const wait = (ms: number) => act(() => void vi.advanceTimersByTime(ms))
  return { page, show, tooltip, point, wait }
}

describe('TooltipBox', () => {
  test('shows what is hovered for a while, and leaves soon after the pointer', () => {
    const { tooltip, point, wait } = openPage()
    point('td span')
    wait(300)
    expect(tooltip()).toBeNull()
    wait(100)
    expect(tooltip()?.textContent).toBe('No request')
    point('p')
    expect(tooltip()).not.toBeNull()
    wait(200)
    expect(tooltip()).toBeNull()
  })

  test('stays while the pointer goes into it, until Escape', () => {
    const { tooltip, point, wait } = openPage()
    point('td span')
    wait(400)
    point('p')
    point('[role="tooltip"]')
    wait(1_000)
    expect(tooltip()).not.toBeNull()
    act(() => void document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })))
    expect(tooltip()).toBeNull()
  })

  test('tells of what has the focus all that its row has to say, with the headings', () => {
    const { page, tooltip } = openPage()
    const link = page.element.querySelector('a')
    if (link === null) throw new Error('Cannot find the link: expected one in the row')
    act(() => link.focus())
    const lines = [...(tooltip()?.querySelectorAll('p') ?? [])].map(line => line.textContent)
    expect(lines).toEqual(['shop/deployment/web', 'RPS, P95: No request'])
    act(() => link.blur())
    expect(tooltip()).toBeNull()
  })

  test('follows the page, and goes once there is nothing to say', async () => {
    const { show, tooltip, point, wait } = openPage()
    point('td span')
    wait(400)
    const settle = () => act(() => vi.advanceTimersByTimeAsync(50))
    show('Not meshed')
    await settle()
    expect(tooltip()?.textContent).toBe('Not meshed')
    show('')
    await settle()
    expect(tooltip()).toBeNull()
  })

  test('comes by a touch, and goes by the next', () => {
    const { tooltip, point } = openPage()
    point('td span', 'pointerdown', 'touch')
    expect(tooltip()?.textContent).toBe('No request')
    point('p', 'pointerdown', 'touch')
    expect(tooltip()).toBeNull()
  })
})
