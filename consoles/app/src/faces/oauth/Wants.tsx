import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";

/** What a program wants to do, in words; the name is the program's own and proves nothing. */
export function Wants({ program, scopes }: { program: string; scopes: Schemas["ConnectionOut"]["scopes"] }): ReactNode {
  const { t } = useTranslation("oauth");
  return (
    <>
      <p>{t("wants.who")} <strong>{program}</strong></p>
      <ul>
        {scopes.map((scope) => <li key={scope}>{t(`scope.${scope}`)}</li>)}
      </ul>
      <p className="dim">{t("wants.never")}</p>
    </>
  );
}
