import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Pill } from "@/kit/values";

export const STATUSES: readonly Schemas["Status"][] = ["active", "locked", "frozen", "disabled"];

export function Status({ status }: { status: Schemas["Status"] }): ReactNode {
  const { t } = useTranslation("customers");
  return <Pill tone={status === "active" ? "good" : "warn"}>{t(`status.${status}`)}</Pill>;
}
