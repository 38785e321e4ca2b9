// Where the lent money comes from: every line with what is drawn, what is free and what it costs; from here to one of them.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { useSession } from "@/session/session";
import { Asked } from "../Asked";
import { BookFrame } from "../BookFrame";
import { Lines } from "./Lines";
import { OpenLine } from "./OpenLine";
import { useLines } from "./reads";

export default function FundingRoom(): ReactNode {
  const { t } = useTranslation(["lending_book", "lending_funding"]);
  const { may } = useSession();
  const [opening, setOpening] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <BookFrame title={t("room.funding")} note={t("lending_funding:note")}>
      {asked !== null && <Asked approval={asked} />}
      <Panel title={t("lending_funding:list.title")} actions={may("lending:write") && <Button kind="primary" onPress={() => { setOpening(true); }}>{t("lending_funding:open.title")}</Button>}>
        <Loaded query={useLines()} empty={<Empty title={t("book.no_funding")} />}>{(rows) => <Lines rows={rows} />}</Loaded>
      </Panel>
      {opening && <OpenLine onClose={() => { setOpening(false); }} onAsked={setAsked} />}
    </BookFrame>
  );
}
