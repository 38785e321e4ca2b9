// People end a transfer that no machine can: one of them says what is at the destination in all, and a second one is asked.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Confirm } from "@/kit/Dialog";
import { AmountField, TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { Amount, Facts } from "@/kit/values";
import { formatExact } from "@/money/format";
import { useStepUp } from "@/session/StepUp";
import { useSettings } from "@/settings/settings";
import { Transaction } from "../money/parts";
import { useLookAgain } from "../money/reads";
import { placeName } from "../place";
import { Chance } from "./Chance";
import { belowArrived, receivedOf } from "./model";
import type { Transfer } from "./reads";
import { Books } from "./words";

/** The dialog outlives the chance: where the money came meanwhile, it says so. */
export function Settle({ one, may }: { one: Transfer; may: boolean }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      {one.can_settle && <Chance words="settle" approval={one.settle_approval_id} may={may} begin={() => { setOpen(true); }} />}
      {open && <Form one={one} onClose={() => { setOpen(false); }} />}
    </>
  );
}

function Form({ one, onClose }: { one: Transfer; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { language } = useSettings().settings;
  const { tell } = useToasts();
  const lookAgain = useLookAgain();
  const { proven, question } = useStepUp();
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const received = receivedOf(typed);
  const short = received !== null && belowArrived(received, one);
  const below = short ? t("settle.below", { arrived: `${formatExact(one.arrived ?? "0", language)} ${one.asset}` }) : undefined;
  const ready = received !== null && !short && reason.trim() !== "";
  const act = async (): Promise<void> => {
    if (received === null) return;
    const body = { received, reason: reason.trim() };
    try {
      await proven(() => once("treasury-settle", { id: one.id, ...body }, (header) => ask(api.POST("/v1/treasury/transfers/{id}/settle", { params: { path: { id: one.id }, header }, body }))));
      tell(t("settle.asked"), "good");
    } finally {
      lookAgain();
    }
  };
  return (
    <Confirm title={t("settle.begin")} isOpen onClose={onClose} act={act} verb={t("settle.ask")} ready={ready}>
      <Facts rows={[
        [t("col.from"), placeName(one.from)],
        [t("col.to"), placeName(one.to)],
        [t("col.left"), <strong key="left"><Amount value={one.left} asset={one.asset} /></strong>],
        [t("col.arrived"), <Amount key="arrived" value={one.arrived ?? "0"} asset={one.asset} />],
        [t("col.transaction"), <Transaction key="txid" txid={one.txid} network={one.network} whole />],
      ]} />
      <AmountField label={t("settle.received_in", { to: placeName(one.to), asset: one.asset })} value={typed} onChange={setTyped} error={below} isRequired autoFocus />
      <TextField label={t("settle.reason_how")} value={reason} onChange={setReason} maxLength={500} autoComplete="off" isRequired />
      {received !== null && !short && one.left !== null && <Books left={one.left} received={received} asset={one.asset} to={placeName(one.to)} />}
      {question}
    </Confirm>
  );
}
