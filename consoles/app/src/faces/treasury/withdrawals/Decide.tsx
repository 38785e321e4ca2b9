// What a reviewer does: ask a second person to let it out, or send it back.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Address } from "@/faces/funding/Address";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { Amount, Facts } from "@/kit/values";
import { Waits } from "../money/parts";
import { isOpen, useApproval, useLookAgain, useNetworkName, type Withdrawal } from "../money/reads";

type Verb = "release" | "reject";

/** The dialog outlives what it was opened for: where somebody was faster, it says so. */
export function Decide({ one }: { one: Withdrawal }): ReactNode {
  const [verb, setVerb] = useState<Verb | null>(null);
  const asked = one.review?.approval_id ?? null;
  return (
    <>
      {one.state === "review" && (asked === null ? <Deeds choose={setVerb} /> : <AskedFor approval={asked} choose={setVerb} />)}
      {verb !== null && <Act verb={verb} one={one} onClose={() => { setVerb(null); }} />}
    </>
  );
}

/** While it waits for a second person it can only be sent back; when that came to nothing, it can be asked for again. */
function AskedFor({ approval, choose }: { approval: string; choose: (verb: Verb) => void }): ReactNode {
  const { data } = useApproval(approval);
  const waits = data === undefined || isOpen(data);
  return (
    <>
      <Waits approval={approval} />
      <Deeds choose={choose} waits={waits} again={!waits} />
    </>
  );
}

function Deeds({ choose, again = false, waits = false }: { choose: (verb: Verb) => void; again?: boolean; waits?: boolean }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  return (
    <div className="row">
      {!waits && <Button kind="primary" onPress={() => { choose("release"); }}>{t(again ? "withdrawal.release_again" : "withdrawal.release")}</Button>}
      <Button kind="danger" onPress={() => { choose("reject"); }}>{t("withdrawal.reject")}</Button>
    </div>
  );
}

function Act({ verb, one, onClose }: { verb: Verb; one: Withdrawal; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const network = useNetworkName();
  const { tell } = useToasts();
  const lookAgain = useLookAgain();
  const [reason, setReason] = useState("");
  const send = (header: { "Idempotency-Key": string }): Promise<unknown> => {
    const params = { path: { id: one.id }, header };
    if (verb === "release") return ask(api.POST("/v1/withdrawals/{id}/release", { params }));
    return ask(api.POST("/v1/withdrawals/{id}/reject", { params, body: { reason: reason.trim() } }));
  };
  const act = async (): Promise<void> => {
    try {
      await once("withdrawal", { verb, id: one.id, reason }, send);
      tell(t(verb === "release" ? "approval.asked" : "withdrawal.rejected"), "good");
    } finally {
      lookAgain();
    }
  };
  return (
    <Confirm title={t(`withdrawal.${verb}`)} isOpen onClose={onClose} act={act} verb={t(`withdrawal.${verb}`)} danger={verb === "reject"}
      ready={verb === "release" || reason.trim() !== ""}>
      <p>{t(`withdrawal.${verb}_will`)}</p>
      <Facts rows={[
        [t("col.amount"), <strong key="amount"><Amount value={one.amount} asset={one.asset} /></strong>],
        [t("col.network"), network(one.network)],
        [t("col.to"), <Address key="to" of={one.address} />],
        ...(one.memo === null ? [] : [[t("col.memo"), <Address key="memo" of={one.memo} />] as const]),
      ]} />
      {verb === "reject" && <TextField label={t("withdrawal.reject_why")} value={reason} onChange={setReason} maxLength={500} autoComplete="off" isRequired autoFocus />}
    </Confirm>
  );
}
