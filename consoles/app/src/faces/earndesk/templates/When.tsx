import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import type { Draft } from "./draft";
import type { StepProps } from "./Editor";

const ZONES = Intl.supportedValuesOf("timeZone");

/** When a day is sold, and when its interest begins. */
export function When({ draft, set, at }: StepProps): ReactNode {
  const { t } = useTranslation(["earndesk_template", "earndesk_terms"]);
  const { terms } = draft;
  const change = (part: Partial<Draft["terms"]>): void => { set({ terms: { ...terms, ...part } }); };
  const clock = (field: "opens" | "closes"): ReactNode => (
    <TextField type="time" label={t(`earndesk_terms:term.${field}`)} value={terms[field]} error={at(`terms.${field}`, terms[field])} onChange={(time) => { change({ [field]: time.slice(0, 5) }); }} />
  );
  return (
    <>
      <div className="earndesk-fields">
        <Zone value={terms.zone} error={at("terms.zone", terms.zone)} onChange={(zone) => { change({ zone }); }} />
        {clock("opens")}
        {clock("closes")}
        <TextField label={t("field.lag_days")} value={terms.lag_days} inputMode="numeric" error={at("terms.lag_days", terms.lag_days)} onChange={(days) => { change({ lag_days: days }); }} autoComplete="off" />
      </div>
      <p className="dim">{t("field.window_note")}</p>
      <Holidays draft={draft} set={set} at={at} />
    </>
  );
}

/** Any zone of the calendar's names: typed, with those that the browser knows offered. */
function Zone({ value, error, onChange }: { value: string; error: string | undefined; onChange: (zone: string) => void }): ReactNode {
  const { t } = useTranslation("earndesk_terms");
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{t("term.zone")}</label>
      <input id={id} list={`${id}-all`} value={value} autoComplete="off" spellCheck={false} aria-invalid={error !== undefined} aria-describedby={`${id}-wrong`} onChange={(event) => { onChange(event.target.value); }} />
      <datalist id={`${id}-all`}>{["UTC", ...ZONES].map((zone) => <option key={zone} value={zone} />)}</datalist>
      <span id={`${id}-wrong`} className="field-error">{error}</span>
    </div>
  );
}

function Holidays({ draft, set, at }: Pick<StepProps, "draft" | "set" | "at">): ReactNode {
  const { t } = useTranslation(["earndesk_template", "earndesk_terms"]);
  const [day, setDay] = useState("");
  const wrong = at("terms.holidays");
  const add = (): void => {
    if (day !== "" && !draft.holidays.includes(day)) set({ holidays: [...draft.holidays, day].toSorted((a, b) => Date.parse(a) - Date.parse(b)) });
    setDay("");
  };
  return (
    <fieldset className="earndesk-rates">
      <legend>{t("earndesk_terms:term.holidays")}</legend>
      <div className="row">
        {draft.holidays.length === 0 && <span className="dim">{t("holidays.none")}</span>}
        {draft.holidays.map((one) => (
          <span key={one} className="earndesk-chip number">{one} <Button kind="quiet" aria-label={t("holidays.remove", { day: one })} onPress={() => { set({ holidays: draft.holidays.filter((other) => other !== one) }); }}>✕</Button></span>
        ))}
      </div>
      <div className="earndesk-rate">
        <TextField type="date" label={t("holidays.day")} value={day} onChange={setDay} />
        <Button isDisabled={day === ""} onPress={add}>{t("holidays.add")}</Button>
      </div>
      {wrong !== undefined && <p className="field-error" role="alert">{wrong}</p>}
    </fieldset>
  );
}
