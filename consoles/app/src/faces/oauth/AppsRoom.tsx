import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Pill, When } from "@/kit/values";
import { useStepUp } from "@/session/StepUp";
import { Wants } from "./Wants";

type Connection = Schemas["ConnectionOut"];

/** Programs that act for one, or ask to; each is ended from here. */
export default function AppsRoom(): ReactNode {
  const { t } = useTranslation("oauth");
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["oauth", "connections"], queryFn: () => ask(api.GET("/v1/oauth/connections")) });
  const { proven, question } = useStepUp();
  const [ending, setEnding] = useState<Connection | null>(null);
  const [agreeing, setAgreeing] = useState<Connection | null>(null);
  const look = (): Promise<void> => client.invalidateQueries({ queryKey: ["oauth", "connections"] });
  const end = async (): Promise<void> => {
    if (ending === null) return;
    await ask(api.DELETE("/v1/oauth/connections/{id}", { params: { path: { id: ending.id } } }));
    await look();
  };
  const agree = async (): Promise<void> => {
    if (agreeing === null) return;
    const path = { id: agreeing.id };
    await proven(() => ask(api.POST("/v1/oauth/connections/{id}/agree", { params: { path } })));
    await look();
  };
  return (
    <div className="stack">
      <h1>{t("room.apps")}</h1>
      <Panel title={t("apps.title")}>
        <p className="dim">{t("apps.means")}</p>
        <Loaded query={query} isEmpty={({ items }) => items.length === 0} empty={<Empty title={t("apps.none")} />}>
          {({ items }) => (
            <div className="deeds-last">
              <Table name={t("apps.title")} rows={items} rowKey={(row) => row.id} columns={columnsOf(t, setAgreeing, setEnding)} />
            </div>
          )}
        </Loaded>
      </Panel>
      <Confirm title={t("apps.agree")} isOpen={agreeing !== null} onClose={() => { setAgreeing(null); }} act={agree} verb={t("connect.yes")}>
        {agreeing !== null && <Wants program={agreeing.program} scopes={agreeing.scopes} />}
      </Confirm>
      <Confirm title={t("apps.end")} isOpen={ending !== null} onClose={() => { setEnding(null); }} act={end} verb={t("apps.end")} danger>
        <p>{t("apps.end_ask", { program: ending?.program })}</p>
      </Confirm>
      {question}
    </div>
  );
}

function columnsOf(t: TFunction<"oauth">, agree: (row: Connection) => void, end: (row: Connection) => void): Column<Connection>[] {
  return [
    { key: "program", title: t("apps.program"), wrap: true, cell: (c) => <strong>{c.program}</strong> },
    { key: "scopes", title: t("apps.scopes"), wrap: true, cell: (c) => c.scopes.map((scope) => t(`short.${scope}`)).join(", ") },
    { key: "state", title: t("apps.state"), cell: (c) => <Pill tone={c.state === "agreed" ? "good" : "warn"}>{t(`apps.${c.state}`)}</Pill> },
    { key: "since", title: t("apps.since"), cell: (c) => <When at={c.agreed_at} /> },
    { key: "used", title: t("apps.used"), cell: (c) => <When at={c.last_used_at} /> },
    { key: "deeds", title: t("apps.deed"), cell: (c) => (
      <span className="row">
        {c.state === "proposed" && <Button onPress={() => { agree(c); }}>{t("apps.look")}</Button>}
        <Button kind="danger" onPress={() => { end(c); }}>{t("apps.end")}</Button>
      </span>
    ) },
  ];
}
