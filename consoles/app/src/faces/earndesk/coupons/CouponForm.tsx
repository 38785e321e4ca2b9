// A coupon is typed once: a draft that is wrong is given up, and another one made like it.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { useAssets } from "@/faces/lending/funding/reads";
import { Button } from "@/kit/Button";
import { AmountField, Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Failed } from "@/kit/states";
import { Ticks } from "@/kit/Ticks";
import { namesOf, useTemplates } from "../reads";
import { same } from "../terms";
import { faultsOf } from "../templates/reads";
import { bodyOf, typedIn, type Draft } from "./draft";

type Text = Exclude<keyof Draft, "templates">;

export function CouponForm({ start }: { start: Draft }): ReactNode {
  const { t } = useTranslation("earndesk_coupons");
  const [draft, setDraft] = useState(start);
  const { save, busy, refused } = useSave(draft);
  const { data: assets = [draft.asset] } = useAssets();
  const { data: all = [] } = useTemplates();
  const products = namesOf(all.filter((one) => one.status === "published" && one.asset === draft.asset));
  const set = (part: Partial<Draft>): void => { setDraft({ ...draft, ...part }); };
  const at = useFault(refused, draft);
  const field = (name: Text, server: string = name): { label: string; value: string; error: string | undefined; onChange: (text: string) => void; autoComplete: string } => ({
    label: t(`field.${name}`, { asset: draft.asset }), value: draft[name], error: at(server), onChange: (text) => { set({ [name]: text }); }, autoComplete: "off",
  });
  const wrong = at("templates");
  return (
    <form className="stack" onSubmit={(event) => void save(event)} noValidate>
      <Panel title={t("terms")}>
        <div className="stack">
          <div className="earndesk-fields">
            <TextField {...field("name")} maxLength={64} isRequired />
            <Select label={t("term.asset")} value={draft.asset} choices={[...new Set([draft.asset, ...assets])].map((id) => ({ id, text: id }))} error={at("asset")} onChange={(asset) => { set({ asset, templates: [] }); }} />
            <AmountField {...field("boost", "apr_boost")} isRequired />
            <AmountField {...field("max_principal")} isRequired />
            <TextField {...field("days")} inputMode="numeric" placeholder={t("said.whole_term")} />
            <AmountField {...field("minimum")} />
            <TextField {...field("starts_at")} type="datetime-local" isRequired />
            <TextField {...field("ends_at")} type="datetime-local" isRequired />
            <TextField {...field("uses_per_customer")} inputMode="numeric" />
            <AmountField {...field("budget")} isRequired />
          </div>
          {products.size > 0 && <Ticks label={t("field.templates", { asset: draft.asset })} all={[...products.keys()]} chosen={draft.templates} onChange={(templates) => { set({ templates }); }} textOf={(id) => products.get(id) ?? id} />}
          {wrong !== undefined && <p className="field-error" role="alert">{wrong}</p>}
          <TextField {...field("customers")} placeholder={t("said.everybody")} />
        </div>
      </Panel>
      {refused !== null && faultsOf(refused.error) === null && <Failed error={refused.error} />}
      <div className="row earndesk-save">
        <Button kind="primary" type="submit" busy={busy}>{t("save")}</Button>
        <span role="status" className="dim">{t("save_note")}</span>
      </div>
    </form>
  );
}

interface Refused {
  error: unknown;
  draft: Draft;
}

/** What is wrong with a field, while it is still as it was refused. */
function useFault(refused: Refused | null, draft: Draft): (field: string) => string | undefined {
  const { t } = useTranslation("earndesk_coupons");
  return (field) => {
    if (refused === null || !same(typedIn(refused.draft, field), typedIn(draft, field))) return undefined;
    const found = faultsOf(refused.error)?.find((one) => one.field === field || one.field.startsWith(`${field}.`));
    if (found === undefined) return undefined;
    return typedIn(draft, field) === "" ? t("fault.empty") : t("fault.said", { message: found.message });
  };
}

function useSave(draft: Draft): { save: (event: SyntheticEvent) => Promise<void>; busy: boolean; refused: Refused | null } {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const save = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setRefused(null);
    const body = bodyOf(draft);
    try {
      const made = await once("draft a coupon", body, (header) => ask(api.POST("/v1/earn/coupons", { body, params: { header } })));
      await client.invalidateQueries({ queryKey: ["earn"] });
      await navigate(`/fixed-income/coupons/${made.id}`);
    } catch (error) {
      setRefused({ error, draft });
    }
    setBusy(false);
  };
  return { save, busy, refused };
}
