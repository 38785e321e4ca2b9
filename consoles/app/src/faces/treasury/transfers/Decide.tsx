// People end a transfer out of a wallet that the custodian says nothing of: one of them says what became of it, and a second one is asked.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Address } from "@/faces/funding/Address";
import { Confirm } from "@/kit/Dialog";
import { useToasts } from "@/kit/toasts";
import { Amount, Facts } from "@/kit/values";
import { useStepUp } from "@/session/StepUp";
import { useLookAgain, useNetworkName } from "../money/reads";
import { begun, wishOf, type Draft } from "../money/verdict";
import { VerdictFields } from "../money/VerdictFields";
import { placeName } from "../place";
import { Chance } from "./Chance";
import type { Transfer } from "./reads";
import { Moves } from "./words";

/** The dialog outlives the chance: where the custodian spoke meanwhile, it says so. */
export function Decide({ one, may }: { one: Transfer; may: boolean }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      {one.can_decide && <Chance words="decide" approval={one.decide_approval_id} may={may} begin={() => { setOpen(true); }} />}
      {open && <Form one={one} onClose={() => { setOpen(false); }} />}
    </>
  );
}

function Form({ one, onClose }: { one: Transfer; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury_moves");
  const { tell } = useToasts();
  const network = useNetworkName();
  const lookAgain = useLookAgain();
  const { proven, question } = useStepUp();
  const [draft, setDraft] = useState<Draft>(() => begun(one));
  const body = wishOf(draft);
  const act = async (): Promise<void> => {
    if (body === null) return;
    try {
      await proven(() => once("treasury-decision", { id: one.id, ...body }, (header) => ask(api.POST("/v1/treasury/transfers/{id}/decisions", { params: { path: { id: one.id }, header }, body }))));
      tell(t("settle.asked"), "good");
    } finally {
      lookAgain();
    }
  };
  return (
    <Confirm title={t("decide.begin")} isOpen onClose={onClose} act={act} verb={t("settle.ask")} ready={body !== null}>
      <Facts rows={[
        [t("col.from"), placeName(one.from)],
        [t("col.to"), placeName(one.to)],
        [t("col.network"), network(one.network)],
        [t("col.amount"), <strong key="amount"><Amount value={one.amount} asset={one.asset} /></strong>],
        [t("col.address"), <Address key="address" of={one.address} />],
      ]} />
      <VerdictFields draft={draft} onChange={setDraft} />
      {draft.verdict !== "" && <Moves verdict={draft.verdict} amount={one.amount} asset={one.asset} from={placeName(one.from)} to={placeName(one.to)} />}
      {question}
    </Confirm>
  );
}
