// A proposal: what the venue did, with the executions its own records show, and the evidence.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, idempotencyKey, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select, TextField } from "@/kit/fields";
import { canonical, isDecimal } from "@/money/decimal";
import type { Waiting } from "../reads";

type Fill = Schemas["DecidedFill"];

const plain = (text: string): string => (isDecimal(text) ? canonical(text) : text);

export function Propose({ order, onClose }: { order: Waiting; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury");
  const client = useQueryClient();
  const [key, setKey] = useState(idempotencyKey);
  const [verdict, setVerdict] = useState<Schemas["Verdict"]>("not_placed");
  const [fills, setFills] = useState<Fill[]>([]);
  const [evidence, setEvidence] = useState("");
  const changed = <T,>(set: (value: T) => void) => (value: T): void => { set(value); setKey(idempotencyKey()); };
  const act = async (): Promise<void> => {
    const told = verdict === "not_placed" ? [] : fills.map((fill) => ({ ...fill, price: plain(fill.price), quantity: plain(fill.quantity), fee: plain(fill.fee) }));
    await ask(api.POST("/v1/venue-orders/{id}/decisions", {
      params: { path: { id: order.id }, header: { "Idempotency-Key": key } }, body: { verdict, fills: told, evidence },
    }));
    await client.invalidateQueries({ queryKey: ["controls"] });
  };
  return (
    <Confirm title={t("decisions.propose_title", { ref: order.client_order_id })} isOpen onClose={onClose} act={act} verb={t("decisions.propose")}>
      <p>{t("decisions.propose_words")}</p>
      <Select label={t("decisions.verdict")} value={verdict} onChange={changed((id: string) => { setVerdict(id as Schemas["Verdict"]); })}
        choices={(["not_placed", "ended"] as const).map((id) => ({ id, text: t(`decisions.verdicts.${id}`) }))} />
      {verdict === "ended" && <Fills fills={fills} onChange={changed(setFills)} asset={order.symbol.split("-")[1] ?? ""} />}
      <TextField label={t("decisions.evidence")} value={evidence} onChange={changed(setEvidence)} />
    </Confirm>
  );
}

function Fills({ fills, onChange, asset }: { fills: Fill[]; onChange: (fills: Fill[]) => void; asset: string }): ReactNode {
  const { t } = useTranslation("treasury");
  const set = (index: number, part: Partial<Fill>): void => { onChange(fills.map((fill, n) => (n === index ? { ...fill, ...part } : fill))); };
  const empty = (): Fill => ({ trade_id: "", price: "", quantity: "", fee: "0", fee_asset: asset, executed_at: "" });
  return (
    <div className="stack">
      {fills.length === 0 && <p className="dim">{t("decisions.no_fills")}</p>}
      {fills.map((fill, index) => (
        <div key={index} className="treasury-filters">
          <TextField label={t("decisions.fill.trade_id")} value={fill.trade_id} onChange={(text) => { set(index, { trade_id: text }); }} />
          <AmountField label={t("decisions.fill.price")} value={fill.price} onChange={(text) => { set(index, { price: text }); }} />
          <AmountField label={t("decisions.quantity")} value={fill.quantity} onChange={(text) => { set(index, { quantity: text }); }} />
          <AmountField label={t("decisions.fill.fee")} value={fill.fee} onChange={(text) => { set(index, { fee: text }); }} />
          <TextField label={t("decisions.fill.fee_asset")} value={fill.fee_asset} onChange={(text) => { set(index, { fee_asset: text }); }} />
          <TextField label={t("decisions.fill.executed_at")} value={fill.executed_at} onChange={(text) => { set(index, { executed_at: text }); }} />
          <Button kind="quiet" onPress={() => { onChange(fills.filter((_, n) => n !== index)); }}>{t("decisions.fill.remove")}</Button>
        </div>
      ))}
      <div><Button onPress={() => { onChange([...fills, empty()]); }}>{t("decisions.fill.add")}</Button></div>
    </div>
  );
}
