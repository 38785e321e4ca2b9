// Inputs. An amount is typed and kept as text: it never becomes a number.

import { useId, type ReactNode } from "react";
import { FieldError, Input, Label, TextField as BaseTextField, type TextFieldProps } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { canonical, isDecimal, sign } from "@/money/decimal";

interface TextProps extends Omit<TextFieldProps, "className" | "style" | "children" | "onChange" | "value"> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  placeholder?: string;
}

export function TextField({ label, value, onChange, error, placeholder, ...rest }: TextProps): ReactNode {
  return (
    <BaseTextField {...rest} value={value} onChange={onChange} isInvalid={error !== undefined} className="field">
      <Label>{label}</Label>
      <Input {...(placeholder === undefined ? {} : { placeholder })} />
      <FieldError className="field-error">{error}</FieldError>
    </BaseTextField>
  );
}

/** A decimal amount; says at once when it is none. `value` is what was typed. */
export function AmountField({ error, value, ...rest }: TextProps): ReactNode {
  const { t } = useTranslation();
  const wrong = value.trim() !== "" && (!isDecimal(value) || sign(canonical(value)) < 0);
  return <TextField {...rest} value={value} inputMode="decimal" autoComplete="off" error={error ?? (wrong ? t("field.not_an_amount") : undefined)} />;
}

export interface Choice {
  id: string;
  text: string;
}

interface SelectProps {
  label: string;
  value: string;
  choices: readonly Choice[];
  onChange: (id: string) => void;
  isDisabled?: boolean;
  error?: string | undefined;
}

/** The browser's own list: it opens as each device's people know it, and costs no script. */
export function Select({ label, value, choices, onChange, isDisabled = false, error }: SelectProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} disabled={isDisabled} aria-invalid={error !== undefined} aria-describedby={error && `${id}-e`} onChange={(event) => { onChange(event.target.value); }}>
        {choices.every((choice) => choice.id !== value) && <option value={value} disabled hidden>–</option>}
        {choices.map((choice) => <option key={choice.id} value={choice.id}>{choice.text}</option>)}
      </select>
      {error && <span id={`${id}-e`} className="field-error">{error}</span>}
    </div>
  );
}
