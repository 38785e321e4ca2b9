import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AmountField, Select } from "@/kit/fields";
import { Ticks } from "@/kit/Ticks";
import { namesOf } from "../reads";
import { POLICIES, RENEWALS, renewalsOf, type Draft } from "./draft";
import type { StepProps } from "./Editor";

/** How a subscription ends: before its time, and at its maturity. */
export function End({ draft, set, at, all }: StepProps): ReactNode {
  const { t } = useTranslation(["earndesk_template", "earndesk_terms"]);
  const { terms, renewals } = draft;
  const change = (part: Partial<Draft["terms"]>): void => { set({ terms: { ...terms, ...part } }); };
  const others = [...namesOf(all.filter((one) => one.status === "published" && one.asset === draft.asset))].map(([id, text]) => ({ id, text }));
  const wrong = at("terms.renewals");
  return (
    <>
      <div className="earndesk-fields long">
        <Select label={t("earndesk_terms:term.early")} value={terms.early} choices={POLICIES.map((id) => ({ id, text: t(`earndesk_terms:early.${id}`) }))} error={at("terms.early")} onChange={(early) => { change({ early }); }} />
        {terms.early === "PENAL_RATE" && <AmountField label={t("field.penal_rate")} value={terms.penal_rate} error={at("terms.penal_rate", terms.penal_rate)} onChange={(rate) => { change({ penal_rate: rate }); }} />}
      </div>
      <p className="dim">{t(`early_means.${terms.early}`)}</p>
      <Ticks label={t("earndesk_terms:term.renewals")} all={RENEWALS} chosen={renewals} onChange={(chosen) => { set({ renewals: renewalsOf(chosen, renewals[0]) }); }} textOf={(one) => t(`earndesk_terms:renewal.${one}`)} />
      {wrong !== undefined && <p className="field-error" role="alert">{wrong}</p>}
      <div className="earndesk-fields long">
        {renewals.length > 1 && (
          <Select label={t("field.default_renewal")} value={renewals[0] ?? ""} choices={RENEWALS.filter((one) => renewals.includes(one)).map((id) => ({ id, text: t(`earndesk_terms:renewal.${id}`) }))}
            onChange={(first) => { set({ renewals: renewalsOf(renewals, RENEWALS.find((one) => one === first)) }); }} />
        )}
        {renewals.includes("move") && (
          <Select label={t("earndesk_terms:term.move_to")} value={terms.move_to} choices={[{ id: "", text: t("field.choose") }, ...others]} error={at("terms.move_to")} onChange={(id) => { change({ move_to: id }); }} />
        )}
      </div>
    </>
  );
}
