// One product: a version to look at, its draft to type, and what changed from one version to another. A published version is never edited: its next one is made.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { Button } from "@/kit/Button";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded, Skeleton } from "@/kit/states";
import { useSession } from "@/session/session";
import { Frame } from "../Frame";
import { namesOf, useTemplates } from "../reads";
import { before, type Template } from "../terms";
import { TermsSheet } from "../termWords";
import { draftOf, NEW } from "./draft";
import { Editor } from "./Editor";
import { History } from "./History";
import { PlanOf } from "./PlanOf";
import { Standing } from "./Publishing";
import { Status } from "./words";

export default function TemplateRoom(): ReactNode {
  const { t } = useTranslation(["earndesk", "earndesk_template"]);
  const { id } = useParams();
  const query = useTemplates();
  const back = { to: "/fixed-income", text: t("earndesk_template:one.back") };
  if (id === "new") {
    return (
      <Frame title={t("earndesk_template:one.new")} note={t("earndesk_template:one.new_note")} back={back}>
        {query.data === undefined ? <Skeleton lines={10} /> : <Editor key="new" start={NEW} target={{ kind: "new" }} all={query.data} />}
      </Frame>
    );
  }
  return <Loaded query={query} lines={10}>{(all) => <One key={id} all={all} versions={all.filter((one) => one.id === id)} back={back} />}</Loaded>;
}

function One({ all, versions, back }: { all: readonly Template[]; versions: readonly Template[]; back: { to: string; text: string } }): ReactNode {
  const { t } = useTranslation(["earndesk", "earndesk_template"]);
  const [search] = useSearchParams();
  const shown = versions.find((one) => String(one.version) === search.get("version")) ?? versions[0];
  if (shown === undefined) return <Frame title={t("room.template")} back={back}><Empty title={t("earndesk_template:one.none")} /></Frame>;
  return (
    <Frame back={back} title={<>{shown.name} · {t("earndesk_template:one.version", { n: shown.version })} <Status of={shown.status} /></>}>
      <div className="row earndesk-versions">
        {versions.length > 1 && (
          <nav className="row" aria-label={t("earndesk_template:one.versions")}>
            {versions.map((one) => (
              <Link key={one.version} to={`?version=${String(one.version)}`} aria-current={one === shown ? "page" : undefined}>
                {t("earndesk_template:one.version", { n: one.version })} · {t(`earndesk_template:status.${one.status}`)}
              </Link>
            ))}
          </nav>
        )}
        <Standing template={shown} />
      </div>
      <Sheet key={shown.version} template={shown} versions={versions} all={all} />
      {versions.length > 1 && <Panel title={t("earndesk_template:history.title")}><History versions={versions} shown={shown} names={namesOf(all)} /></Panel>}
    </Frame>
  );
}

/** A draft is typed in place; of any other version the next one is made from its terms. */
function Sheet({ template, versions, all }: { template: Template; versions: readonly Template[]; all: readonly Template[] }): ReactNode {
  const { t } = useTranslation("earndesk_template");
  const { may } = useSession();
  const [search, setSearch] = useSearchParams();
  const [start] = useState(() => draftOf(template)); // what is being typed outlives a newer answer
  const writes = may("earn:write");
  const hasDraft = versions.some((one) => one.status === "draft");
  const newest = versions[0] === template;
  if (template.status === "draft" && writes) {
    return <Editor start={start} target={{ kind: "draft", id: template.id }} template={template} than={before(template.version, versions)} all={all} />;
  }
  if (writes && !hasDraft && search.get("next") === "1") {
    return <><h2>{t("one.next_title")}</h2><Editor start={{ ...start, effective_from: "" }} target={{ kind: "next", id: template.id }} than={template} all={all} /></>;
  }
  const next = (): void => { setSearch({ version: String(template.version), next: "1" }); };
  return (
    <>
      <Panel title={t("one.terms")} actions={writes && !hasDraft && <Button kind="primary" onPress={next}>{t("one.next")}</Button>}>
        <TermsSheet promise={template} names={namesOf(all)} />
      </Panel>
      {newest && <Panel title={t("plan.title")}><PlanOf template={template} saved={String(template.version)} /></Panel>}
    </>
  );
}
