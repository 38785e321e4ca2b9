// From a draft to a product on sale: ask a second person, see what became of it; and the way back, for drafts and for what is offered.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { useSession } from "@/session/session";
import type { Template } from "../terms";
import { Question } from "./words";

/** Takes a version off sale, or gives a draft up; and says what a second person made of the question. */
export function Standing({ template }: { template: Template }): ReactNode {
  const { t } = useTranslation("earndesk_template");
  const { may } = useSession();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const { id, version, status } = template;
  if (status === "retired") return null;
  const retire = async (): Promise<void> => {
    const body = { version };
    await once("retire an earn template", { id, version }, (header) => ask(api.POST("/v1/earn/templates/{id}/retire", { params: { path: { id }, header }, body })));
    await Promise.all([["earn"], ["approvals"]].map((queryKey) => client.invalidateQueries({ queryKey })));
  };
  return (
    <div className="row">
      {template.approval_id !== null && <Question id={template.approval_id} />}
      {may("earn:write") && <Button onPress={() => { setOpen(true); }}>{t(`retire.${status}`)}</Button>}
      <Confirm title={t(`retire.${status}`)} isOpen={open} onClose={() => { setOpen(false); }} act={retire} verb={t(`retire.${status}`)} danger>
        <p>{t(`retire.means_${status}`)}</p>
      </Confirm>
    </div>
  );
}

/** Somebody else agrees to what is saved; what is typed and not saved is not part of it. */
export function AskToPublish({ template, dirty }: { template: Template; dirty: boolean }): ReactNode {
  const { t } = useTranslation("earndesk_template");
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const path = { id: template.id };
  const publish = async (): Promise<void> => {
    await once("publish an earn template", { ...path, version: template.version }, (header) => ask(api.POST("/v1/earn/templates/{id}/publish", { params: { path, header } })));
    await Promise.all([["earn"], ["approvals"]].map((queryKey) => client.invalidateQueries({ queryKey })));
  };
  return (
    <div className="row">
      <Button kind={dirty || template.approval_id !== null ? "plain" : "primary"} isDisabled={dirty} onPress={() => { setOpen(true); }}>{t("publish.ask")}</Button>
      <span className="dim">{t(dirty ? "publish.save_first" : template.approval_id === null ? "publish.note" : "publish.again")}</span>
      <Confirm title={t("publish.title")} isOpen={open} onClose={() => { setOpen(false); }} act={publish} verb={t("publish.ask")}>
        <p>{t("publish.means")}</p>
      </Confirm>
    </div>
  );
}
