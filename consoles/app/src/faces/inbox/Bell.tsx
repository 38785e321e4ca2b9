// The door of the inbox, at the top of every page: it says how much is new.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "@/api/client";

export function Bell(): ReactNode {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ["notices", "unread"], refetchInterval: 15_000,
    queryFn: () => ask(api.GET("/v1/notices", { params: { query: { unread: true, limit: 1 } } })),
  });
  const n = data?.unread ?? 0;
  return <Link to="/inbox" {...(n > 0 ? { "aria-label": t("nav.unread", { n }) } : {})}>{t("nav.inbox")}{n > 0 && <> <span className="pill info">{n}</span></>}</Link>;
}
