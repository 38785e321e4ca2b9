// A new line. Where the house wants two people for it, the answer names the approval and nothing is open yet.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { once } from "@/api/intent";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select, TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { approvalOf } from "../approvals";
import { ADAPTERS, bodyOf, DAY_COUNTS, NEW, type Draft } from "./model";
import { openLine, useAssets } from "./reads";

export function OpenLine({ onClose, onAsked }: { onClose: () => void; onAsked: (approval: string | null) => void }): ReactNode {
  const { t } = useTranslation(["lending_funding", "lending_book"]);
  const client = useQueryClient();
  const { tell } = useToasts();
  const { data: assets = [NEW.asset] } = useAssets();
  const [draft, setDraft] = useState(NEW);
  const set = (part: Partial<Draft>): void => { setDraft({ ...draft, ...part }); };
  const body = bodyOf(draft);
  const act = async (): Promise<void> => {
    if (body === null) return;
    const approval = approvalOf(await once("open a funding line", body, (header) => openLine(body, header)));
    await Promise.all(["lending", "approvals"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    onAsked(approval);
    if (approval === null) tell(t("open.done", { name: body.name }), "good");
  };
  return (
    <Confirm title={t("open.title")} isOpen onClose={onClose} act={act} verb={t("open.verb")} ready={body !== null}>
      <TextField label={t("open.name")} value={draft.name} onChange={(name) => { set({ name }); }} maxLength={64} isRequired />
      <Select label={t("col.adapter")} value={draft.adapter} choices={ADAPTERS.map((id) => ({ id, text: t(`adapter.${id}`) }))}
        onChange={(id) => { set({ adapter: ADAPTERS.find((one) => one === id) ?? NEW.adapter }); }} />
      <p className="dim">{t(`adapter_means.${draft.adapter}`)}</p>
      {draft.adapter === "ledger" && <TextField label={t("open.source")} value={draft.source} onChange={(source) => { set({ source }); }} maxLength={64} isRequired />}
      <Select label={t("lending_book:col.asset")} value={draft.asset} choices={assets.map((id) => ({ id, text: id }))} onChange={(asset) => { set({ asset }); }} />
      <AmountField label={t("open.limit", { asset: draft.asset })} value={draft.limit} onChange={(limit) => { set({ limit }); }} isRequired />
      <AmountField label={t("open.rate")} value={draft.percent} onChange={(percent) => { set({ percent }); }} isRequired />
      <Select label={t("open.day_count")} value={draft.day_count} choices={DAY_COUNTS.map((id) => ({ id, text: id }))}
        onChange={(id) => { set({ day_count: DAY_COUNTS.find((one) => one === id) ?? NEW.day_count }); }} />
    </Confirm>
  );
}
