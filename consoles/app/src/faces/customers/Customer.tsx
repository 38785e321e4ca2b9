// One customer: how the account stands, what guards it, where it is logged in, and what staff may do about it.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Facts, When } from "@/kit/values";
import { useSession } from "@/session/session";
import { Deeds } from "./Deeds";
import { Status } from "./Status";

type Detail = Schemas["PersonDetailOut"];

export default function Customer(): ReactNode {
  const { id = "" } = useParams();
  const { may } = useSession();
  const query = useQuery({
    queryKey: ["customer", id], queryFn: () => ask(api.GET("/v1/customers/{id}", { params: { path: { id } } })), refetchInterval: 10_000,
  });
  const { t } = useTranslation("customers");
  return (
    <Loaded query={query} lines={10}>
      {(customer) => (
        <div className="stack">
          <h1>{customer.email}</h1>
          <Panel title={t("facts.title")}><Account customer={customer} /></Panel>
          {may("customers:write") && <Panel title={t("deeds.title")}><Deeds customer={customer} /></Panel>}
          <Panel title={t("sessions.title")}><Sessions customer={customer} /></Panel>
        </div>
      )}
    </Loaded>
  );
}

function Account({ customer }: { customer: Detail }): ReactNode {
  const { t } = useTranslation("customers");
  const rows: [string, ReactNode][] = [
    [t("status.title"), <Status key="status" status={customer.status} />],
    [t("field.name"), customer.name || "–"],
    [t("field.since"), <When key="since" at={customer.created_at} />],
    [t("facts.totp"), t(customer.totp ? "yes" : "no")],
    [t("facts.passkeys"), String(customer.passkeys)],
    [t("facts.codes"), String(customer.recovery_codes_left)],
    [t("facts.keys"), String(customer.api_keys)],
    [t("facts.password"), customer.password_changed_at == null ? "–" : <When key="password" at={customer.password_changed_at} />],
    [t("facts.cooling"), customer.cooling_until == null ? "–" : <When key="cooling" at={customer.cooling_until} />],
  ];
  return <Facts rows={rows} />;
}

function Sessions({ customer }: { customer: Detail }): ReactNode {
  const { t } = useTranslation("customers");
  if (customer.sessions.length === 0) return <Empty title={t("sessions.none")} />;
  return (
    <Table name={t("sessions.title")} rows={customer.sessions} rowKey={(session) => session.id} columns={[
      { key: "agent", title: t("sessions.agent"), wrap: true, cell: (session) => session.user_agent || "–" },
      { key: "address", title: t("sessions.address"), cell: (session) => session.address || "–" },
      { key: "seen", title: t("sessions.seen"), cell: (session) => <When at={session.last_seen_at} /> },
    ]} />
  );
}
