import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { once } from "@/api/intent";
import { Confirm } from "@/kit/Dialog";
import { AmountField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { Amount } from "@/kit/values";
import { total } from "@/money/decimal";
import { approvalOf } from "../approvals";
import { changeOf, percentOf, type Line } from "./model";
import { changeLine } from "./reads";

/** Another limit or rate from today on; what the days before cost stays as it is. */
export function ChangeLine({ line, onClose, onAsked }: { line: Line; onClose: () => void; onAsked: (approval: string | null) => void }): ReactNode {
  const { t } = useTranslation("lending_funding");
  const client = useQueryClient();
  const { tell } = useToasts();
  const [limit, setLimit] = useState(line.limit);
  const [percent, setPercent] = useState(() => percentOf(line.rate));
  const change = changeOf(line, { limit, percent });
  const act = async (): Promise<void> => {
    if (change === null || change === "low") return;
    const approval = approvalOf(await once(`change line ${line.id}`, change, (header) => changeLine(line.id, change, header)));
    await Promise.all(["lending", "approvals"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    onAsked(approval);
    if (approval === null) tell(t("change.done"), "good");
  };
  return (
    <Confirm title={t("change.title")} isOpen onClose={onClose} act={act} verb={t("change.verb")} ready={change !== null && change !== "low"}>
      <p>{t("change.means")}</p>
      <AmountField label={t("open.limit", { asset: line.asset })} value={limit} onChange={setLimit} error={change === "low" ? t("change.low") : undefined} />
      <p className="dim">{t("change.drawn")} <Amount value={total([line.drawn, line.asked])} asset={line.asset} /></p>
      <AmountField label={t("open.rate")} value={percent} onChange={setPercent} />
    </Confirm>
  );
}
