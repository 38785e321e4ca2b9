import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Frame } from "../Frame";

type Role = Schemas["RoleOut"];

/** The table that every route asks: what stands here is what the house really does. */
export default function RolesRoom(): ReactNode {
  const { t } = useTranslation("staff");
  const query = useQuery({ queryKey: ["roles"], queryFn: () => ask(api.GET("/v1/roles")) });
  return (
    <Frame title={t("room.roles")} intro={t("roles.intro")}>
      <Loaded query={query} lines={12}>
        {({ items, permissions }) => (
          <>
            <Panel title={t("roles.people")}><People roles={items} /></Panel>
            <Panel title={t("roles.matrix")}><Matrix roles={items} permissions={permissions} /></Panel>
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function People({ roles }: { roles: readonly Role[] }): ReactNode {
  const { t } = useTranslation("staff");
  const columns: readonly Column<Role>[] = [
    { key: "role", title: t("roles.role"), csv: (r) => r.role, cell: (r) => <strong>{t(`role.${r.role}`)}</strong> },
    { key: "does", title: t("roles.does"), wrap: true, cell: (r) => t(`role_does.${r.role}`) },
    { key: "may", title: t("roles.count"), end: true, csv: (r) => String(r.permissions.length), cell: (r) => r.permissions.length },
    { key: "people", title: t("roles.staff"), end: true, csv: (r) => (r.people === null ? "" : String(r.people)), cell: (r) => r.people ?? <span className="dim">{t("roles.customers")}</span> },
  ];
  return <Table name={t("roles.people")} rows={roles} rowKey={(r) => r.role} columns={columns} file="roles" />;
}

function Matrix({ roles, permissions }: { roles: readonly Role[]; permissions: readonly string[] }): ReactNode {
  const { t } = useTranslation("staff");
  const held = roles.map((role) => ({ role: role.role, may: new Set<string>(role.permissions) }));
  const columns: readonly Column<string>[] = [
    { key: "permission", title: t("roles.permission"), csv: (p) => p, cell: (p) => <code>{p}</code> },
    ...held.map(({ role, may }): Column<string> => ({
      key: role, title: t(`role.${role}`), csv: (p) => (may.has(p) ? "yes" : "no"),
      cell: (p) => (may.has(p) ? <span className="staff-mark">✓ <span className="visually-hidden">{t("roles.yes")}</span></span> : <span className="dim">–</span>),
    })),
  ];
  return <Table name={t("roles.matrix")} rows={permissions} rowKey={(p) => p} columns={columns} file="permissions" />;
}
