import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AmountField, Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import type { Draft, GROUPS, Kind, TermName } from "./draft";

interface Props {
  group: (typeof GROUPS)[number];
  terms: Draft["terms"];
  at: (field: string) => string | undefined;
  isDisabled: boolean;
  onChange: (terms: Draft["terms"]) => void;
}

/** The terms of one question. */
export function TermsForm({ group, terms, at, isDisabled, onChange }: Props): ReactNode {
  const { t } = useTranslation("lending_products");
  return (
    <Panel title={t(`group.${group.id}`)}>
      <div className="product-fields">
        {(Object.entries(group.fields) as [TermName, Kind][]).map(([name, kind]) => (
          <Term key={name} name={name} kind={kind} value={terms[name]} error={at(`terms.${name}`)} isDisabled={isDisabled}
            onChange={(text) => { onChange({ ...terms, [name]: text }); }} />
        ))}
      </div>
    </Panel>
  );
}

function Term({ name, kind, value, error, isDisabled, onChange }: {
  name: TermName; kind: Kind; value: string; error: string | undefined; isDisabled: boolean; onChange: (text: string) => void;
}): ReactNode {
  const { t } = useTranslation("lending_products");
  const label = t(`term.${name}`);
  if (typeof kind === "object") {
    const choices = kind.map((id) => ({ id, text: t(`choice.${id}`, { defaultValue: id }) }));
    return <Select label={label} value={value} choices={choices} error={error} isDisabled={isDisabled} onChange={onChange} />;
  }
  const Field = kind === "decimal" || kind === "optional" ? AmountField : TextField;
  return <Field label={label} value={value} error={error} isDisabled={isDisabled} onChange={onChange} />;
}
