// The form of a product: what is typed stands beside what it means, and each mistake beside its field.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Failed } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { CollateralForm } from "./CollateralForm";
import { bodyOf, GROUPS, NEW_COLLATERAL, type Body, type Draft, type Product } from "./draft";
import { LineChoice } from "./LineChoice";
import { faultsOf, useExamined } from "./reads";
import { TermsForm } from "./TermsForm";
import { Tiers } from "./Tiers";
import { useFaultAt } from "./words";

/** Where it is kept: as a new product, as a draft's new content, as the next version; null: it is only looked at. */
export type Target = { kind: "new" } | { kind: "draft" | "next"; id: string } | null;

export function Editor({ start, target }: { start: Draft; target: Target }): ReactNode {
  const { t } = useTranslation("lending_products");
  const [draft, setDraft] = useState(start);
  const [prices, setPrices] = useState<Record<string, string>>({});
  const examined = useExamined(examinable(bodyOf(draft)), given(prices));
  const faults = examined.data?.faults ?? [];
  const at = useFaultAt(faults);
  const still = target === null;
  const set = (part: Partial<Draft>): void => { setDraft({ ...draft, ...part }); };
  const { save, busy, error } = useSave(draft, target);
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      <Panel title={t("group.what")}>
        <div className="product-fields">
          <TextField label={t("term.name")} value={draft.name} onChange={(name) => { set({ name }); }} error={at("name")} maxLength={64} isRequired isDisabled={still} />
          <TextField label={t("term.asset")} value={draft.asset} onChange={(asset) => { set({ asset }); }} error={at("asset")} isDisabled={still} />
          <LineChoice draft={draft} error={at("funding_line_id")} isDisabled={still} onChange={(line) => { set({ line }); }} />
        </div>
      </Panel>
      {draft.collaterals.map((one, place) => (
        <CollateralForm
          key={place} collateral={one} place={place} at={at} asset={draft.asset} isDisabled={still} example={examined.data?.examples[place]}
          price={prices[one.asset] ?? ""} onPrice={(price) => { setPrices({ ...prices, [one.asset]: price }); }}
          onChange={(changed) => { set({ collaterals: draft.collaterals.with(place, changed) }); }}
          {...(draft.collaterals.length > 1 && !still ? { onRemove: () => { set({ collaterals: draft.collaterals.toSpliced(place, 1) }); } } : {})}
        />
      ))}
      {!still && <div><Button onPress={() => { set({ collaterals: [...draft.collaterals, { ...NEW_COLLATERAL, asset: "" }] }); }}>{t("collateral.add")}</Button></div>}
      {GROUPS.map((group) => <TermsForm key={group.id} group={group} terms={draft.terms} at={at} isDisabled={still} onChange={(terms) => { set({ terms }); }} />)}
      <Tiers tiers={draft.tiers} error={at("terms.tiers")} isDisabled={still} onChange={(tiers) => { set({ tiers }); }} />
      {error !== null && faultsOf(error) === null && <Failed error={error} />}
      {!still && (
        <div className="row product-save">
          <Button kind="primary" type="submit" busy={busy} isDisabled={faults.length > 0}>{t(`save.${target.kind}`)}</Button>
          <span role="status" className="dim">{faults.length > 0 ? t("save.faults", { count: faults.length }) : t("save.ready")}</span>
        </div>
      )}
    </form>
  );
}

const BLANK = "…";

/** What is still empty is not wrong yet: the form asks for it when it is kept. */
const examinable = (body: Body): Body => ({
  ...body,
  name: body.name || BLANK,
  asset: body.asset || BLANK,
  collaterals: body.collaterals.map((one) => ({ ...one, asset: one.asset || BLANK })),
});

const given = (prices: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(prices).filter(([asset, price]) => asset !== "" && /^\d{1,20}(\.\d{1,18})?$/.test(price)));

function useSave(draft: Draft, target: Target): { save: (event: SyntheticEvent) => Promise<void>; busy: boolean; error: unknown } {
  const { t } = useTranslation("lending_products");
  const client = useQueryClient();
  const navigate = useNavigate();
  const { tell } = useToasts();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const keep = (): Promise<Product> => {
    const body = bodyOf(draft);
    if (target?.kind === "draft") return ask(api.PUT("/v1/loan-products/{id}", { params: { path: { id: target.id } }, body }));
    const wish = target?.kind === "next" ? { ...body, product_id: target.id } : body;
    return once("draft a loan product", wish, (header) => ask(api.POST("/v1/loan-products", { params: { header }, body: wish })));
  };
  const save = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const kept = await keep();
      await client.invalidateQueries({ queryKey: ["loan-products"] });
      tell(t("save.done"), "good");
      await navigate(`/lending/products/${kept.id}?version=${String(kept.version)}`);
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  return { save, busy, error };
}
