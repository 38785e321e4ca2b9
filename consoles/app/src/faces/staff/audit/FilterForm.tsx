import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { useSettings } from "@/settings/settings";
import { momentOf, typedOf, type Filters } from "./filters";

const EXAMPLES = { actor: "019a6c1e-…", action: "session", resource: "order:019a6c1e-…" } as const;

/** `key` it by the filters: what stands in the address stands in the form. */
export function FilterForm({ filters, onLook }: { filters: Filters; onLook: (filters: Filters) => void }): ReactNode {
  const { t } = useTranslation("staff");
  const { settings: { zone } } = useSettings();
  const [texts, setTexts] = useState({ actor: filters.actor ?? "", action: filters.action ?? "", resource: filters.resource ?? "" });
  const [from, setFrom] = useState(typedOf(filters.from, zone));
  const [to, setTo] = useState(typedOf(filters.to, zone));
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const plain = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.trim()]));
    onLook({ ...plain, from: momentOf(from, zone) ?? "", to: momentOf(to, zone) ?? "" });
  };
  return (
    <form className="staff-form" onSubmit={submit}>
      {(["actor", "action", "resource"] as const).map((name) => (
        <TextField key={name} label={t(`audit.filter.${name}`)} value={texts[name]} placeholder={EXAMPLES[name]} autoComplete="off" maxLength={160}
          onChange={(text) => { setTexts((before) => ({ ...before, [name]: text })); }} />
      ))}
      <TextField label={t("audit.filter.from")} value={from} onChange={setFrom} type="datetime-local" />
      <TextField label={t("audit.filter.to")} value={to} onChange={setTo} type="datetime-local" />
      <div className="row">
        <Button kind="primary" type="submit">{t("audit.look")}</Button>
        <Button onPress={() => { onLook({}); }}>{t("audit.clear")}</Button>
      </div>
    </form>
  );
}
