import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { useToasts } from "@/kit/toasts";
import { useSession } from "@/session/session";

type Review = Schemas["ReviewOut"];
type Word = Schemas["DecisionWord"];

const WORDS: readonly Word[] = ["approve", "more_information", "reject"];

/** The decision carries the version that is shown, so nobody approves what was changed meanwhile. */
export function Decision({ one }: { one: Review }): ReactNode {
  const { t } = useTranslation("kyc");
  const { may } = useSession();
  const client = useQueryClient();
  const { tell } = useToasts();
  const [word, setWord] = useState<Word | null>(null);
  const [reason, setReason] = useState("");
  if (one.state !== "in_review" || !may("kyc:decide")) return null;
  const act = async (): Promise<void> => {
    if (word === null) return;
    const body = { decision: word, reason: reason.trim(), version: one.version };
    try {
      await once("kyc-decision", { id: one.id, ...body }, (header) => ask(api.POST("/v1/kyc/cases/{id}/decision", { body, params: { path: { id: one.id }, header } })));
      tell(t(`decision.done_${word}`), "good");
    } finally {
      void client.invalidateQueries({ queryKey: ["kyc"] });
    }
  };
  return (
    <Panel title={t("decision.title")}>
      <div className="row">
        {WORDS.map((one_) => <Button key={one_} kind={one_ === "approve" ? "primary" : one_ === "reject" ? "danger" : "plain"} onPress={() => { setWord(one_); }}>{t(`decision.${one_}`)}</Button>)}
      </div>
      {word !== null && (
        <Confirm title={t(`decision.${word}`)} isOpen onClose={() => { setWord(null); }} act={act} verb={t(`decision.${word}`)} danger={word === "reject"} ready={reason.trim() !== ""}>
          <p>{t(`decision.will_${word}`, { level: t(`level.${String(one.level)}`) })}</p>
          <TextField label={t("decision.reason")} value={reason} onChange={setReason} maxLength={200} autoComplete="off" isRequired />
        </Confirm>
      )}
    </Panel>
  );
}
