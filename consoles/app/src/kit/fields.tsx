// Inputs. An amount is typed and kept as text: it never becomes a number.

import type { ReactNode } from "react";
import {
  Button as Base, FieldError, Input, Label, ListBox, ListBoxItem, Popover, Select as BaseSelect, SelectValue,
  TextField as BaseTextField, type Key, type TextFieldProps,
} from "react-aria-components";
import { useTranslation } from "react-i18next";
import { isDecimal, sign } from "@/money/decimal";

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
  const wrong = value.trim() !== "" && (!isDecimal(value) || sign(value.replace(/\.$/, "")) < 0);
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
}

export function Select({ label, value, choices, onChange, isDisabled = false }: SelectProps): ReactNode {
  const chosen = (key: Key | null): void => { if (key !== null) onChange(String(key)); };
  return (
    <BaseSelect className="field" value={value} onChange={(key) => { chosen(key); }} isDisabled={isDisabled}>
      <Label className="label">{label}</Label>
      <Base className="select-button"><SelectValue /><span aria-hidden="true">▾</span></Base>
      <Popover className="popover">
        <ListBox items={choices}>
          {(choice) => <ListBoxItem id={choice.id} textValue={choice.text} className="option">{choice.text}</ListBoxItem>}
        </ListBox>
      </Popover>
    </BaseSelect>
  );
}
