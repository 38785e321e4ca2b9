// What may not start now, for whom and where; who may not change it reads along.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/kit/states";
import { Tabs } from "@/kit/Tabs";
import { useSession } from "@/session/session";
import { Frame } from "../Frame";
import { useControls } from "../reads";
import { Guards } from "./Guards";
import { Limits } from "./Limits";
import { History, Switches } from "./Switches";
import { Toxicity } from "./Toxicity";
import { Windows } from "./Windows";

export default function Controls(): ReactNode {
  const { t } = useTranslation("treasury");
  const { may } = useSession();
  const query = useControls();
  return (
    <Frame title={t("room.controls")} note={t(may("controls:write") ? "controls.note" : "controls.read_only")}>
      <Loaded query={query} lines={8}>
        {(now) => (
          <Tabs label={t("room.controls")} tabs={[
            { id: "switches", title: t("controls.tab.switches", { n: now.switches.length }), body: () => <Switches now={now} /> },
            { id: "maintenance", title: t("controls.tab.maintenance", { n: now.windows.length }), body: () => <Windows now={now} /> },
            { id: "limits", title: t("controls.tab.limits"), body: () => <Limits now={now} /> },
            { id: "guards", title: t("controls.tab.guards"), body: () => <Guards rows={now.markets} /> },
            { id: "toxicity", title: t("controls.tab.toxicity"), body: () => <Toxicity /> },
            { id: "history", title: t("controls.tab.history"), body: () => <History /> },
          ]} />
        )}
      </Loaded>
    </Frame>
  );
}
