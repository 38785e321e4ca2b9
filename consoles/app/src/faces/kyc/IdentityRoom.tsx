import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill, When, type Tone } from "@/kit/values";
import { BeginForm } from "./BeginForm";
import { OpenCase } from "./OpenCase";
import { CasePill } from "./words";
import "./kyc.css";

type Standing = Schemas["StandingOut"];
type Right = Schemas["RightOut"];
type Case = Schemas["CaseOut"];

const TONES: Record<Right["verdict"], Tone> = { allow: "good", review: "warn", deny: "plain" };
const OVER = new Set<Case["state"]>(["approved", "rejected"]);

/** How well the house knows one, what that opens, and the way to the next level. */
export default function IdentityRoom(): ReactNode {
  const { t } = useTranslation("kyc");
  const query = useQuery({ queryKey: ["kyc", "standing"], queryFn: () => ask(api.GET("/v1/kyc/standing")) });
  return (
    <div className="stack kyc">
      <h1>{t("room.identity")}</h1>
      <Loaded query={query} lines={10}>{(standing) => <Known standing={standing} />}</Loaded>
    </div>
  );
}

function Known({ standing }: { standing: Standing }): ReactNode {
  const { t } = useTranslation("kyc");
  const open = standing.cases.find((one) => !OVER.has(one.state));
  const past = standing.cases.filter((one) => OVER.has(one.state));
  return (
    <>
      <Panel title={t("standing.title")}>
        <p><Pill tone={standing.level === 0 ? "warn" : "good"}>{t(`level.${String(standing.level)}`)}</Pill> {t(`level.means_${String(standing.level)}`)}</p>
        <Rights rights={standing.rights} />
      </Panel>
      {open !== undefined && <OpenCase one={open} />}
      {open === undefined && standing.level < 2 && <Panel title={t("begin.title")}><BeginForm known={standing.level} /></Panel>}
      {past.length > 0 && <Panel title={t("past.title")}><Past cases={past} /></Panel>}
    </>
  );
}

function Rights({ rights }: { rights: readonly Right[] }): ReactNode {
  const { t } = useTranslation("kyc");
  const why = (right: Right): string => right.reasons.map((reason) => t(`reason.${reason}`, { level: right.level })).join(" ");
  const columns: Column<Right>[] = [
    { key: "product", title: t("rights.product"), cell: (r) => t(`product.${r.product}`) },
    { key: "verdict", title: t("rights.verdict"), cell: (r) => <Pill tone={TONES[r.verdict]}>{t(`verdict.${r.verdict}`)}</Pill> },
    { key: "limit", title: t("rights.per_day"), end: true, cell: (r) => (r.verdict === "allow" && r.per_day === null ? t("rights.no_limit") : <Amount value={r.per_day} asset="USDT" />) },
    { key: "why", title: t("rights.why"), wrap: true, cell: (r) => why(r) || "–" },
  ];
  return <Table name={t("rights.title")} rows={rights} rowKey={(right) => right.product} columns={columns} />;
}

function Past({ cases }: { cases: readonly Case[] }): ReactNode {
  const { t } = useTranslation("kyc");
  const columns: Column<Case>[] = [
    { key: "at", title: t("case.decided_at"), cell: (one) => <When at={one.decided_at} /> },
    { key: "level", title: t("case.level"), cell: (one) => t(`level.${String(one.level)}`) },
    { key: "state", title: t("case.state"), cell: (one) => <CasePill state={one.state} /> },
    { key: "reason", title: t("case.reason"), wrap: true, cell: (one) => one.reason ?? "–" },
  ];
  return <Table name={t("past.title")} rows={cases} rowKey={(one) => one.id} columns={columns} />;
}
