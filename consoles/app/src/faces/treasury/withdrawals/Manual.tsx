// A withdrawal that nobody can tell the end of: what is known of it, what people have said, and the form by which one of them says it.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Address } from "@/faces/funding/Address";
import { Person } from "@/faces/staff/approvals/words";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Panel } from "@/kit/Panel";
import { useToasts } from "@/kit/toasts";
import { Amount, Facts, Pill, When } from "@/kit/values";
import { useStepUp } from "@/session/StepUp";
import { Customer, Transaction, Waits } from "../money/parts";
import { useLookAgain, useNetworkName, type Withdrawal } from "../money/reads";
import { begun, wishOf, type Draft } from "../money/verdict";
import { VerdictFields } from "../money/VerdictFields";
import { answerOf, causeOf, deedOf, type Decided } from "./model";
import { Does, DECISION_TONES } from "./words";

/** Stays when it has ended, with what people had said. The dialog outlives the chance: where the end came meanwhile, it says so. */
export function Manual({ one }: { one: Withdrawal }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const [open, setOpen] = useState(false);
  const decision = one.review?.decision ?? null;
  const asked = one.review?.approval_id ?? null;
  const deed = deedOf(one);
  if (one.state !== "manual" && decision === null) return null;
  return (
    <Panel title={t("manual.title")}>
      <div className="stack">
        {one.state === "manual" && <Known one={one} />}
        {decision !== null && <Said decision={decision} network={one.network} />}
        {deed === "replace" && asked !== null && <Waits approval={asked} />}
        {deed !== null && <div><Button kind={deed === "decide" ? "primary" : "plain"} onPress={() => { setOpen(true); }}>{t(`manual.${deed}`)}</Button></div>}
        {open && <Form one={one} onClose={() => { setOpen(false); }} />}
      </div>
    </Panel>
  );
}

function Known({ one }: { one: Withdrawal }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const since = one.steps.find(({ name }) => name === "manual")?.at;
  const sent = one.steps.find(({ name }) => name === "sent" || name === "unknown")?.at;
  const cause = causeOf(one);
  return (
    <>
      <p>{t(`manual.cause.${cause}`)}</p>
      <Facts rows={[
        [t("manual.answer"), cause === "contradicted" ? <code key="answer">{one.review?.contradiction}</code> : <span key="answer" className="dim">{t("manual.no_answer")}</span>],
        [t("manual.reported"), <When key="reported" at={one.review?.reported_at} />],
        [t("col.transaction"), <Transaction key="txid" txid={one.txid} network={one.network} whole />],
        [t("col.confirmations"), String(one.confirmations)],
        [t("manual.handed_over"), <When key="sent" at={sent} />],
        [t("manual.since"), <When key="since" at={since} />],
        [t("col.total"), <Amount key="total" value={one.total} asset={one.asset} />],
      ]} />
    </>
  );
}

/** The newest that people said, and what the custodian answered to it. */
function Said({ decision, network }: { decision: Decided; network: string }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const answer = decision.told === null ? null : answerOf(decision.told);
  return (
    <>
      <div className="row"><strong>{t("manual.said")}</strong><Pill tone={DECISION_TONES[decision.state]}>{t(`manual.state.${decision.state}`)}</Pill></div>
      <p>{t(`manual.means.${decision.state}`)}</p>
      <Facts rows={[
        [t("manual.verdict"), t(`manual.verdicts.${decision.verdict}`)],
        ...(decision.txid === null ? [] : [[t("manual.txid"), <Transaction key="txid" txid={decision.txid} network={network} whole />] as const]),
        [t("manual.evidence"), decision.evidence],
        [t("manual.by"), <span key="by"><Person id={decision.proposed_by} name={null} /> · <When at={decision.proposed_at} /></span>],
        ...(decision.asked_at === null ? [] : [[t("manual.agreed"), <span key="agreed"><Person id={decision.confirmed_by} name={null} /> · <When at={decision.asked_at} /></span>] as const]),
        ...(answer === null ? [] : [[t("manual.told"), <Answer key="told" {...answer} />] as const]),
        ...(decision.ended_at === null ? [] : [[t("manual.ended"), <When key="ended" at={decision.ended_at} />] as const]),
      ]} />
    </>
  );
}

function Answer({ word, txid }: { word: string; txid: string | null }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  return <>{t([`manual.answers.${word}`, `withdrawal.state.${word}`], { defaultValue: word })}{txid !== null && <><br /><Address of={txid} /></>}</>;
}

function Form({ one, onClose }: { one: Withdrawal; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const { tell } = useToasts();
  const lookAgain = useLookAgain();
  const { proven, question } = useStepUp();
  const [draft, setDraft] = useState<Draft>(() => begun(one));
  const body = wishOf(draft);
  const act = async (): Promise<void> => {
    if (body === null) return;
    try {
      await proven(() => once("withdrawal-decision", { id: one.id, ...body }, (header) => ask(api.POST("/v1/withdrawals/{id}/decisions", { params: { path: { id: one.id }, header }, body }))));
      tell(t("approval.asked"), "good");
    } finally {
      lookAgain();
    }
  };
  return (
    <Confirm title={t("manual.decide")} isOpen onClose={onClose} act={act} verb={t("manual.ask")} ready={body !== null}>
      <What one={one} />
      <VerdictFields draft={draft} onChange={setDraft} />
      {draft.verdict !== "" && <Does verdict={draft.verdict} amount={one.amount} fee={one.fee} asset={one.asset} />}
      {question}
    </Confirm>
  );
}

function What({ one }: { one: Withdrawal }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const network = useNetworkName();
  return (
    <Facts rows={[
      [t("col.amount"), <strong key="amount"><Amount value={one.amount} asset={one.asset} /></strong>],
      [t("col.total"), <Amount key="total" value={one.total} asset={one.asset} />],
      ...(one.review == null ? [] : [[t("col.customer"), <Customer key="customer" id={one.review.customer_id} />] as const]),
      [t("col.network"), network(one.network)],
      [t("col.to"), <Address key="to" of={one.address} />],
      ...(one.memo === null ? [] : [[t("col.memo"), <Address key="memo" of={one.memo} />] as const]),
    ]} />
  );
}
