import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { useWords } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select, TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { canonical, isDecimal, lessThan, sign } from "@/money/decimal";
import { useBalances } from "./balances";

const EMPTY = { to: "", amount: "", memo: "" };

/** What is sent is gone at once, so it is read once more before. */
export function TransferForm(): ReactNode {
  const { t, amount } = useWords("wallet");
  const client = useQueryClient();
  const { tell } = useToasts();
  const { data: balances = [] } = useBalances();
  const [typed, setTyped] = useState(EMPTY);
  const [chosen, setChosen] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const asset = chosen ?? balances[0]?.asset ?? "";
  const there = balances.find((balance) => balance.asset === asset)?.available ?? "0";
  const valid = isDecimal(typed.amount) && sign(canonical(typed.amount)) > 0;
  const tooMuch = valid && lessThan(there, canonical(typed.amount));
  const review = (event: SyntheticEvent): void => { event.preventDefault(); if (valid) setAsked(true); };
  const send = async (): Promise<void> => {
    const body = { to: typed.to.trim(), asset, amount: canonical(typed.amount), ...(typed.memo === "" ? {} : { memo: typed.memo }) };
    try {
      await once("transfer", body, (header) => ask(api.POST("/v1/transfers", { body, params: { header } })));
      tell(t("wallet:transfer.done", { sum: amount(body.amount, asset), to: body.to }), "good");
      setTyped(EMPTY);
    } finally {
      await Promise.all(["transfers", "balances", "statement"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    }
  };
  return (
    <form className="retail-form" onSubmit={review}>
      <h3>{t("wallet:transfer.new")}</h3>
      <TextField label={t("wallet:transfer.to")} value={typed.to} onChange={(to) => { setTyped({ ...typed, to }); }} autoComplete="off" isRequired />
      <Select label={t("retail_more:col.asset")} value={asset} onChange={setChosen} choices={balances.map((b) => ({ id: b.asset, text: b.asset }))} />
      <AmountField label={t("wallet:transfer.amount", { available: amount(there, asset) })} value={typed.amount}
        error={tooMuch ? t("wallet:transfer.too_much") : undefined} onChange={(value) => { setTyped({ ...typed, amount: value }); }} isRequired />
      <TextField label={t("wallet:transfer.memo_both")} value={typed.memo} onChange={(memo) => { setTyped({ ...typed, memo }); }} autoComplete="off" />
      <div><Button kind="primary" type="submit" isDisabled={!valid || tooMuch || typed.to.trim() === ""}>{t("wallet:transfer.review")}</Button></div>
      <Confirm title={t("wallet:transfer.new")} isOpen={asked} onClose={() => { setAsked(false); }} act={send} verb={t("wallet:transfer.send")}>
        <p>{t("wallet:transfer.ask", { sum: valid ? amount(canonical(typed.amount), asset) : "", to: typed.to.trim() })}</p>
        <p className="dim">{t("wallet:transfer.means")}</p>
      </Confirm>
    </form>
  );
}
