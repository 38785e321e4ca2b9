// The fields by which one person says what became of a payment: the verdict, the transaction of what was paid, and how one knows.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Select, TextField } from "@/kit/fields";
import { isTxid, VERDICTS, type Draft } from "./verdict";

export function VerdictFields({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const set = (part: Partial<Draft>): void => { onChange({ ...draft, ...part }); };
  return (
    <>
      <Select label={t("manual.verdict")} value={draft.verdict} onChange={(id) => { set({ verdict: id as Draft["verdict"] }); }}
        choices={VERDICTS.map((id) => ({ id, text: t(`manual.verdicts.${id}`) }))} />
      {draft.verdict === "paid" && (
        <TextField label={t("manual.txid")} value={draft.txid} onChange={(txid) => { set({ txid }); }} maxLength={128} autoComplete="off" spellCheck="false" isRequired
          error={draft.txid.trim() === "" || isTxid(draft.txid) ? undefined : t("manual.txid_wrong")} />
      )}
      <TextField label={t("manual.evidence_how")} value={draft.evidence} onChange={(evidence) => { set({ evidence }); }} maxLength={1000} autoComplete="off" isRequired />
    </>
  );
}
