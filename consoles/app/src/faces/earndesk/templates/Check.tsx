// The last step: from when it counts, what it changes, and the plan of a subscription to the last unit; then a second person is asked.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { TextField } from "@/kit/fields";
import { namesOf } from "../reads";
import type { Promised, Template } from "../terms";
import { Differences, TermsSheet } from "../termWords";
import { bodyOf } from "./draft";
import type { StepProps } from "./Editor";
import { PlanOf } from "./PlanOf";
import { AskToPublish } from "./Publishing";

interface Props extends StepProps {
  template: Template | undefined;
  than: Template | undefined;
  dirty: boolean;
  busy: boolean;
}

export function Check({ draft, set, at, all, template, than, dirty, busy }: Props): ReactNode {
  const { t } = useTranslation("earndesk_template");
  const names = namesOf(all);
  const general = at("terms");
  return (
    <>
      {general !== undefined && <p className="notice bad" role="alert">{general}</p>}
      <div className="earndesk-fields">
        <TextField type="date" label={t("field.effective_from")} value={draft.effective_from} error={at("effective_from")} onChange={(day) => { set({ effective_from: day }); }} />
      </div>
      <p className="dim">{t("field.effective_note")}</p>
      <h3>{t(than === undefined ? "check.terms" : "check.changes", { n: than?.version })}</h3>
      {dirty || template === undefined
        ? (
          <div className="notice" role="status">
            <p>{t("check.unsaved")}</p>
            <Button type="submit" kind="primary" busy={busy}>{t("check.save")}</Button>
          </div>
        )
        : <Saved promise={template} than={than} names={names} />}
      {!dirty && template !== undefined && <><h3>{t("plan.title")}</h3><PlanOf template={template} saved={JSON.stringify(bodyOf(draft))} /></>}
      {template !== undefined && <AskToPublish template={template} dirty={dirty} />}
    </>
  );
}

function Saved({ than, names, promise }: { than: Template | undefined; names: ReadonlyMap<string, string>; promise: Promised }): ReactNode {
  const { t } = useTranslation("earndesk_template");
  if (than === undefined) return <TermsSheet promise={promise} names={names} />;
  return <Differences name={t("check.changes", { n: than.version })} of={promise} than={than} names={names} titles={[t("one.version", { n: than.version }), t("check.this")]} />;
}
