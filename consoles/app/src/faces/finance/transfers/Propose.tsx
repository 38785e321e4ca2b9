import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Confirm } from "@/kit/Dialog";
import { AmountField, TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";

/** A transfer between any two accounts; nothing moves before another person approves it. */
export function Propose({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useTranslation("finance");
  const client = useQueryClient();
  const navigate = useNavigate();
  const { tell } = useToasts();
  const [wish, setWish] = useState({ from: "", to: "", asset: "USDT", amount: "", memo: "" });
  const set = (field: keyof typeof wish) => (value: string): void => { setWish((before) => ({ ...before, [field]: value })); };
  const act = async (): Promise<void> => {
    const body = { from: wish.from.trim(), to: wish.to.trim(), asset: wish.asset.trim(), amount: wish.amount.trim(), memo: wish.memo === "" ? null : wish.memo };
    const made = await once("transfer", body, (header) => ask(api.POST("/v1/transfers", { body, params: { header } })));
    void client.invalidateQueries({ queryKey: ["finance", "transfers"] });
    tell(t("transfer.proposed"), "good");
    void navigate(`/finance/transfers/${made.id}`);
  };
  return (
    <Confirm title={t("transfer.propose")} isOpen onClose={onClose} act={act} verb={t("transfer.propose")}>
      <p className="dim">{t("transfer.propose_how")}</p>
      <TextField label={t("transfer.from")} value={wish.from} onChange={set("from")} autoComplete="off" placeholder="house.capital:USDT" />
      <TextField label={t("transfer.to")} value={wish.to} onChange={set("to")} autoComplete="off" placeholder="ada@example.com" />
      <TextField label={t("column.asset")} value={wish.asset} onChange={set("asset")} autoComplete="off" />
      <AmountField label={t("column.amount")} value={wish.amount} onChange={set("amount")} />
      <TextField label={t("transfer.memo_public")} value={wish.memo} onChange={set("memo")} autoComplete="off" />
    </Confirm>
  );
}
