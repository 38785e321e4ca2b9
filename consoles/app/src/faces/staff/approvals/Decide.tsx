import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { useSession } from "@/session/session";
import { useStepUp } from "@/session/StepUp";
import { Summary, useKind, type Approval } from "./words";

type Verb = "approve" | "reject";

/** Why one may not decide is said, not left to guess. */
function useObstacle(approval: Approval): string | null {
  const { t } = useTranslation("staff");
  const { me } = useSession();
  if (approval.may_decide) return null;
  if (approval.state !== "requested") return t(`why.${approval.state}`);
  if (approval.maker === me?.id) return t("why.own");
  if (approval.own) return t("why.own_person");
  return me?.permissions.includes(approval.permission as typeof me.permissions[number]) === true ? t("why.over") : t("why.role", { permission: approval.permission });
}

export function Decide({ approval }: { approval: Approval }): ReactNode {
  const { t } = useTranslation("staff");
  const obstacle = useObstacle(approval);
  const [verb, setVerb] = useState<Verb | null>(null);
  return (
    <>
      {obstacle === null ? (
        <div className="row">
          <Button kind="primary" onPress={() => { setVerb("approve"); }}>{t("approval.approve")}</Button>
          <Button kind="danger" onPress={() => { setVerb("reject"); }}>{t("approval.reject")}</Button>
        </div>
      ) : <p className="notice">{obstacle}</p>}
      {verb !== null && <Act verb={verb} approval={approval} onClose={() => { setVerb(null); }} />}
    </>
  );
}

/** What is agreed to is what stands in this dialog: its digest goes along, taken when it was opened. */
function Act({ verb, approval, onClose }: { verb: Verb; approval: Approval; onClose: () => void }): ReactNode {
  const { t } = useTranslation("staff");
  const kindOf = useKind();
  const client = useQueryClient();
  const { tell } = useToasts();
  const { proven, question } = useStepUp();
  const [shown] = useState(approval);
  const [reason, setReason] = useState("");
  const send = (header: { "Idempotency-Key": string }): Promise<Approval> => {
    const params = { path: { id: shown.id }, header };
    if (verb === "approve") return ask(api.POST("/v1/approvals/{id}/approve", { params, body: { digest: shown.digest } }));
    return ask(api.POST("/v1/approvals/{id}/reject", { params, body: { reason: reason.trim() } }));
  };
  const act = async (): Promise<void> => {
    try {
      await proven(() => once("approval", { verb, id: shown.id, reason }, send));
      tell(t(`approval.done.${verb}`), "good");
    } finally {
      void client.invalidateQueries({ queryKey: ["approvals"] }); // whatever was answered: look what is so now
    }
  };
  return (
    <Confirm title={t(`approval.${verb}`)} isOpen onClose={onClose} act={act} verb={t(`approval.${verb}`)} danger={verb === "reject"} ready={verb === "approve" || reason.trim() !== ""}>
      <p>{t(`approval.will.${verb}`)}</p>
      <p><strong>{kindOf(shown.kind)}</strong></p>
      <Summary of={shown} brief />
      {verb === "reject" && <TextField label={t("approval.why")} value={reason} onChange={setReason} maxLength={500} autoComplete="off" isRequired autoFocus />}
      {question}
    </Confirm>
  );
}
