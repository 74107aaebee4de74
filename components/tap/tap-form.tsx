'use client'

import { useId } from 'react'
import { Button } from '#components/ui/button.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import styles from './tap-form.module.css'
import { defaultMaxRps, readTapForm, type TapFormValues, tapCommand } from './tap-form-values.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

interface TapFormProps {
  readonly values: TapFormValues
  /** Names to choose from. */
  readonly namespaces: readonly string[]
  /** `deploy/web`, as they are called in the chosen namespace. */
  readonly resources: readonly string[]
  readonly targets: readonly string[]
  readonly isRunning: boolean
  readonly onStart: (values: TapFormValues) => void
  readonly onStop: () => void
}

/** What to tap. Nothing runs before Start is pressed. */
export function TapForm(props: TapFormProps) {
  const { values, namespaces, resources, targets, isRunning, onStart, onStop } = props
  const id = useId()
  const isNarrowed = [values.authority, values.scheme, values.selector, values.toNamespace].some(
    value => value !== '',
  )
  return (
    <form
      className={styles.form}
      // The fields keep what is typed; another address fills them anew.
      key={JSON.stringify(values)}
      onSubmit={event => {
        event.preventDefault()
        const data = new FormData(event.currentTarget)
        onStart(
          readTapForm(name => {
            const value = data.get(name)
            return typeof value === 'string' ? value : null
          }),
        )
      }}
    >
      <div className={styles.fields}>
        <Field label="Namespace" name="namespace" value={values.namespace} list={`${id}namespaces`} />
        <Field
          label="Resource"
          name="resource"
          value={values.resource}
          list={`${id}resources`}
          placeholder="deploy/web"
          required
        />
        <Field label="To" name="to" value={values.to} list={`${id}targets`} placeholder="anything" />
        <label className={styles.field}>
          <span className={styles.label}>Method</span>
          <select className={styles.input} name="method" defaultValue={values.method}>
            <option value="">any</option>
            {methods.map(method => (
              <option key={method}>{method}</option>
            ))}
          </select>
        </label>
        <Field label="Path begins with" name="path" value={values.path} placeholder="/" />
        <Field
          label="At most, requests/s"
          name="maxRps"
          value={values.maxRps}
          placeholder={String(defaultMaxRps)}
          pattern="[1-9][0-9]{0,3}"
          title="1 to 5000 requests per second, over all pods together"
        />
        <label className={styles.check}>
          <input type="checkbox" name="headers" value="1" defaultChecked={values.headers === '1'} />
          Headers
        </label>
        {isRunning ? (
          <Button key="stop" className={styles.act} onClick={onStop}>
            Stop
          </Button>
        ) : (
          <Button key="start" className={styles.act} tone="primary" type="submit">
            Start
          </Button>
        )}
      </div>
      <details className={styles.more} open={isNarrowed}>
        <summary>More filters</summary>
        <div className={styles.fields}>
          <Field
            label="To namespace"
            name="toNamespace"
            value={values.toNamespace}
            list={`${id}namespaces`}
          />
          <Field label="Authority" name="authority" value={values.authority} placeholder="web.shop:80" />
          <label className={styles.field}>
            <span className={styles.label}>Scheme</span>
            <select className={styles.input} name="scheme" defaultValue={values.scheme}>
              <option value="">any</option>
              <option>http</option>
              <option>https</option>
            </select>
          </label>
          <Field label="Label selector" name="selector" value={values.selector} placeholder="app=web" />
        </div>
      </details>
      <CopyLine command={tapCommand(values)} />
      <Choices id={`${id}namespaces`} of={namespaces} />
      <Choices id={`${id}resources`} of={resources} />
      <Choices id={`${id}targets`} of={targets} />
    </form>
  )
}

interface FieldProps {
  readonly label: string
  readonly name: keyof TapFormValues
  readonly value: string
  readonly list?: string
  readonly placeholder?: string
  readonly required?: boolean
  readonly pattern?: string
  readonly title?: string
}

function Field({ label, name, value, ...input }: FieldProps) {
  return (
    <label className={styles.field}>
      <span className={styles.label}>{label}</span>
      <input
        className={styles.input}
        name={name}
        defaultValue={value}
        autoComplete="off"
        spellCheck={false}
        {...input}
      />
    </label>
  )
}

function Choices({ id, of }: { readonly id: string; readonly of: readonly string[] }) {
  return (
    <datalist id={id}>
      {of.map(choice => (
        <option key={choice} value={choice} />
      ))}
    </datalist>
  )
}
