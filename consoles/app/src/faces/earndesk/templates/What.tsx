import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { AmountField, Select, TextField } from "@/kit/fields";
import { useAssets } from "@/faces/lending/funding/reads";
import { DAY_COUNTS, PAYOUTS, UNITS, type Draft } from "./draft";
import type { StepProps } from "./Editor";

/** What is sold: its name, what it pays, and for how long. */
export function What({ draft, set, at }: StepProps): ReactNode {
  const { t } = useTranslation(["earndesk_template", "earndesk_terms"]);
  const { data: assets = [draft.asset] } = useAssets();
  const terms = (part: Partial<Draft["terms"]>): void => { set({ terms: { ...draft.terms, ...part } }); };
  const { tenor } = draft;
  return (
    <>
      <div className="earndesk-fields">
        <TextField label={t("earndesk_terms:term.name")} value={draft.name} onChange={(name) => { set({ name }); }} error={at("name", draft.name)} maxLength={64} autoComplete="off" isRequired />
        <Select label={t("earndesk_terms:term.asset")} value={draft.asset} choices={[...new Set([draft.asset, ...assets])].map((id) => ({ id, text: id }))} error={at("asset")} onChange={(asset) => { set({ asset }); }} />
      </div>
      <Rates draft={draft} set={set} at={at} />
      <div className="earndesk-fields">
        <TextField label={t("field.tenor")} value={tenor.count} inputMode="numeric" error={at("terms.tenor", tenor.count)} autoComplete="off" isRequired onChange={(count) => { set({ tenor: { ...tenor, count } }); }} />
        <Select label={t("field.unit")} value={tenor.unit} choices={UNITS.map((id) => ({ id, text: t(`unit.${id}`) }))} onChange={(unit) => { set({ tenor: { ...tenor, unit } }); }} />
        <Select label={t("earndesk_terms:term.payout")} value={draft.terms.payout} choices={PAYOUTS.map((id) => ({ id, text: t(`earndesk_terms:payout.${id}`) }))} error={at("terms.payout")} onChange={(payout) => { terms({ payout }); }} />
        <Select label={t("earndesk_terms:term.day_count")} value={draft.terms.day_count} choices={DAY_COUNTS.map((id) => ({ id, text: t(`earndesk_terms:day_count.${id}`, { defaultValue: id }) }))} error={at("terms.day_count")} onChange={(id) => { terms({ day_count: id }); }} />
      </div>
    </>
  );
}

/** One rate, or one for each part of the principal. */
function Rates({ draft, set, at }: Pick<StepProps, "draft" | "set" | "at">): ReactNode {
  const { t } = useTranslation("earndesk_template");
  const { tiers } = draft;
  const change = (place: number, part: Partial<Draft["tiers"][number]>): void => { set({ tiers: tiers.map((tier, n) => (n === place ? { ...tier, ...part } : tier)) }); };
  const several = tiers.length > 1;
  const whole = at("terms.apr") ?? (several ? at("terms.tiers") : undefined);
  return (
    <fieldset className="earndesk-rates">
      <legend>{t(several ? "rates.several" : "rates.one")}</legend>
      {tiers.map((tier, place) => (
        <div key={place} className="earndesk-rate">
          {place > 0 && <AmountField label={t("rates.above", { asset: draft.asset })} value={tier.above} error={at(`terms.tiers.${String(place)}.above`, tier.above)} onChange={(above) => { change(place, { above }); }} />}
          <AmountField label={place === 0 && several ? t("rates.first") : t("rates.apr")} value={tier.apr} isRequired
            error={at(`terms.tiers.${String(place)}.apr`, tier.apr) ?? (several ? undefined : whole)} onChange={(apr) => { change(place, { apr }); }} />
          {place > 0 && <Button kind="quiet" aria-label={t("rates.remove_nth", { n: place + 1 })} onPress={() => { set({ tiers: tiers.filter((_, n) => n !== place) }); }}>{t("rates.remove")}</Button>}
        </div>
      ))}
      {several && whole !== undefined && <p className="field-error" role="alert">{whole}</p>}
      <div><Button kind="quiet" onPress={() => { set({ tiers: [...tiers, { above: "", apr: "" }] }); }}>{t("rates.add")}</Button></div>
    </fieldset>
  );
}
