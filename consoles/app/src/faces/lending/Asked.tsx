import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

/** A second person decides now: where they do, and where one sees what became of it. */
export function Asked({ approval }: { approval: string }): ReactNode {
  const { t } = useTranslation("lending_book");
  return (
    <div className="notice" role="status">
      <p>{t("asked.note")}</p>
      <Link to={`/approvals/${approval}`}>{t("asked.look")}</Link>
    </div>
  );
}
