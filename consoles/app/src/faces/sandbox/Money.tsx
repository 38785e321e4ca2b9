// Money from nowhere: for a demo customer, and for the house at a venue.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { idempotencyKey } from "@/api/client";
import { Button } from "@/kit/Button";
import { AmountField, Select, TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { venueName } from "@/kit/venue";
import { canonical, isDecimal, sign } from "@/money/decimal";
import { post, usePrices, venuesOf } from "./sandbox";

/** The assets that are traded, told by the markets. */
function useAssets(): string[] {
  const { data: prices = {} } = usePrices();
  return [...new Set(["USDT", ...Object.keys(prices).flatMap((symbol) => symbol.split("-"))])];
}

export function Deposit(): ReactNode {
  const { t } = useTranslation("sandbox");
  const { tell, refused } = useToasts();
  const assets = useAssets();
  const [email, setEmail] = useState("retail@demo.rivermouth.example");
  const [asset, setAsset] = useState("USDT");
  const [amount, setAmount] = useState("");
  const [key, setKey] = useState(idempotencyKey); // the same wish again is the same deposit
  const [busy, setBusy] = useState(false);
  const changed = (set: (text: string) => void) => (text: string): void => { set(text); setKey(idempotencyKey()); };
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      await post("deposits", { email, asset, amount: canonical(amount) }, key);
      tell(t("deposit.done", { amount: canonical(amount), asset, email }), "good");
      setKey(idempotencyKey());
      setAmount("");
    } catch (error) {
      refused(error);
    }
    setBusy(false);
  };
  return (
    <div className="stack">
      <p className="dim">{t("deposit.note")}</p>
      <div className="sandbox-form">
        <TextField label={t("deposit.email")} value={email} onChange={changed(setEmail)} type="email" autoComplete="off" />
        <Select label={t("word.asset")} value={asset} onChange={changed(setAsset)} choices={assets.map((id) => ({ id, text: id }))} />
        <AmountField label={t("word.amount")} value={amount} onChange={changed(setAmount)} />
        <Button kind="primary" busy={busy} isDisabled={!isDecimal(amount) || sign(canonical(amount)) <= 0} onPress={() => void run()}>{t("deposit.act")}</Button>
      </div>
    </div>
  );
}

export function VenueFunds(): ReactNode {
  const { t } = useTranslation("sandbox");
  const { tell, refused } = useToasts();
  const { data: prices } = usePrices();
  const assets = useAssets();
  const [venue, setVenue] = useState("binance");
  const [asset, setAsset] = useState("USDT");
  const [free, setFree] = useState("");
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      await post("venue-balances", { venue, asset, free: canonical(free) });
      tell(t("funds.done", { venue: venueName(venue), free: canonical(free), asset }), "good");
    } catch (error) {
      refused(error);
    }
    setBusy(false);
  };
  const venues = venuesOf(prices);
  return (
    <div className="stack">
      <p className="dim">{t("funds.note")}</p>
      <div className="sandbox-form">
        <Select label={t("word.venue")} value={venue} onChange={setVenue} choices={(venues.length > 0 ? venues : [venue]).map((id) => ({ id, text: venueName(id) }))} />
        <Select label={t("word.asset")} value={asset} onChange={setAsset} choices={assets.map((id) => ({ id, text: id }))} />
        <AmountField label={t("funds.free")} value={free} onChange={setFree} />
        <Button kind="primary" busy={busy} isDisabled={!isDecimal(free) || sign(canonical(free)) < 0} onPress={() => void run()}>{t("funds.act")}</Button>
      </div>
    </div>
  );
}
