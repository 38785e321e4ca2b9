import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Select } from "@/kit/fields";
import type { Language } from "@/money/format";
import { useSettings } from "@/settings/settings";

/** One small page with its title, a way to the login and the language. */
export function Frame({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation(["enter", "common"]);
  const { settings, change } = useSettings();
  return (
    <main className="login">
      <div className="panel panel-body stack">
        <h1>{title}</h1>
        {children}
        <a href="/">{t("to_login")}</a>
        <Select label={t("common:settings.language")} value={settings.language} choices={[{ id: "en", text: "English" }, { id: "zh", text: "中文" }]}
          onChange={(id) => { change({ language: id as Language }); }} />
      </div>
    </main>
  );
}
