// One person asks for a held deposit to go back to whoever sent it: where to, and why. The network's fee comes off what arrived.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { addressFault } from "@/faces/funding/model";
import { useNetworks } from "@/faces/funding/reads";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { useStepUp } from "@/session/StepUp";
import { useLookAgain, type Deposit } from "../money/reads";
import { Shown } from "./Decide";

export function SendBack({ one, onClose }: { one: Deposit; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const { tell } = useToasts();
  const { data: networks } = useNetworks();
  const { proven, question } = useStepUp();
  const lookAgain = useLookAgain();
  const [typed, setTyped] = useState({ address: "", memo: "", reason: "" });
  const set = (part: Partial<typeof typed>): void => { setTyped((before) => ({ ...before, ...part })); };
  const network = networks?.find((each) => each.network === one.network && each.asset === one.asset);
  const wish = { address: typed.address.trim(), memo: network?.memo_required === true ? typed.memo.trim() : null, reason: typed.reason.trim() };
  const wrong = wish.address !== "" && network !== undefined && addressFault(network.kind, wish.address) !== null;
  const act = async (): Promise<void> => {
    try {
      await proven(() => once("refund", { id: one.id, ...wish }, (header) => (
        ask(api.POST("/v1/deposits/{id}/refund", { params: { path: { id: one.id }, header }, body: wish }))
      )));
      tell(t("approval.asked"), "good");
    } finally {
      lookAgain();
    }
  };
  return (
    <>
      <Confirm title={t("deposit.refund")} isOpen onClose={onClose} act={act} verb={t("deposit.refund")} danger
        ready={wish.address !== "" && !wrong && wish.memo !== "" && wish.reason !== ""}>
        <p>{t("deposit.refund_will")}</p>
        <Shown one={one} />
        <TextField label={t("deposit.refund_to")} value={typed.address} onChange={(address) => { set({ address }); }} maxLength={128} autoComplete="off" isRequired autoFocus
          error={wrong ? t("deposit.refund_to_wrong") : undefined} />
        {network?.memo_required === true && <TextField label={t("col.memo")} value={typed.memo} onChange={(memo) => { set({ memo }); }} maxLength={64} autoComplete="off" isRequired />}
        <TextField label={t("deposit.refund_why")} value={typed.reason} onChange={(reason) => { set({ reason }); }} maxLength={500} autoComplete="off" isRequired />
      </Confirm>
      {question}
    </>
  );
}
