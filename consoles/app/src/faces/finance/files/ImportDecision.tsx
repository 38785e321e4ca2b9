// Approve or reject what was sent. The approval carries the digest of the file that is shown, so nobody approves another one.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { useToasts } from "@/kit/toasts";
import { Facts } from "@/kit/values";
import { useSession } from "@/session/session";
import { refusedRows } from "./importWords";

type Import = Schemas["ImportOut"];
type Verb = "approve" | "reject";

export function ImportDecision({ job }: { job: Import }): ReactNode {
  const { t } = useTranslation("finance");
  const { me, may } = useSession();
  const [verb, setVerb] = useState<Verb | null>(null);
  if (job.status !== "awaiting_approval" || !may("ledger:import")) return null;
  const own = job.uploaded_by === me?.id;
  return (
    <>
      {own && <p className="notice warn">{t("import.own")}</p>}
      <div className="row">
        {!own && <Button kind="primary" onPress={() => { setVerb("approve"); }}>{t("import.approve")}</Button>}
        <Button kind="danger" onPress={() => { setVerb("reject"); }}>{t("import.reject")}</Button>
      </div>
      {verb !== null && <Decide job={job} verb={verb} onClose={() => { setVerb(null); }} />}
    </>
  );
}

function Decide({ job, verb, onClose }: { job: Import; verb: Verb; onClose: () => void }): ReactNode {
  const { t } = useTranslation("finance");
  const client = useQueryClient();
  const { tell } = useToasts();
  const path = { id: job.id };
  const send = (header: { "Idempotency-Key": string }): Promise<Import> =>
    verb === "approve"
      ? ask(api.POST("/v1/ledger/imports/{id}/approve", { body: { sha256: job.sha256 }, params: { path, header } }))
      : ask(api.POST("/v1/ledger/imports/{id}/reject", { params: { path, header } }));
  const act = async (): Promise<void> => {
    try {
      await once("import-decision", { verb, id: job.id, sha256: job.sha256 }, send);
      tell(t(`import.done_${verb}`), "good");
    } finally {
      void client.invalidateQueries({ queryKey: ["finance"] });
    }
  };
  return (
    <Confirm title={t(`import.${verb}`)} isOpen onClose={onClose} act={act} verb={t(`import.${verb}`)} danger={verb === "reject"}>
      <p>{t(`import.will_${verb}`, { accepted: job.accepted, refused: refusedRows(job) })}</p>
      <Facts rows={[["SHA-256", <code key="sha">{job.sha256}</code>]]} />
    </Confirm>
  );
}
