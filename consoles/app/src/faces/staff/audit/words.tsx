import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Id, Pill } from "@/kit/values";

export type AuditEntry = Schemas["AuditEntryOut"];

const PRODUCT = "00000000-0000-0000-0000-000000000000";
const OPERATOR = "00000000-0000-0000-0000-000000000001";

/** The same as plain text. */
export function useName(): (entry: AuditEntry) => string {
  const { t } = useTranslation("staff");
  return ({ actor, actor_name: name }) => (actor === PRODUCT ? t("audit.product") : actor === OPERATOR ? t("audit.operator") : name ?? actor);
}

/** A person by name; the product and the command line are no persons. */
export function Who({ entry }: { entry: AuditEntry }): ReactNode {
  const { t } = useTranslation("staff");
  if (entry.actor === PRODUCT) return <Pill>{t("audit.product")}</Pill>;
  if (entry.actor === OPERATOR) return <Pill tone="warn">{t("audit.operator")}</Pill>;
  return <span title={entry.actor}>{entry.actor_name ?? <Id value={entry.actor} />}</span>;
}
