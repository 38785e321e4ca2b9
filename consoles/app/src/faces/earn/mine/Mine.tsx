import type { ReactNode } from "react";
import { Paged } from "@/faces/retail/pages";
import { Empty, Loaded } from "@/kit/states";
import { Tabs } from "@/kit/Tabs";
import { useEvery, useRunning } from "../reads";
import { useWords } from "../words";
import { Calendar } from "./Calendar";
import { List } from "./List";

/** What runs, when it pays, and all there ever was. */
export function Mine(): ReactNode {
  const { t } = useWords();
  return <Tabs label={t("mine.title")} tabs={[
    { id: "running", title: t("mine.running"), body: () => <Running /> },
    { id: "calendar", title: t("mine.calendar"), body: () => <Payouts /> },
    { id: "every", title: t("mine.every"), body: () => <Every /> },
  ]} />;
}

function Running(): ReactNode {
  const { t } = useWords();
  return <Loaded query={useRunning()} empty={<Empty title={t("mine.none_running")} />}>{(found) => <List rows={found} name={t("mine.running")} />}</Loaded>;
}

function Payouts(): ReactNode {
  const { t } = useWords();
  return <Loaded query={useRunning()} lines={8} empty={<Empty title={t("mine.none_running")} />}>{(found) => <Calendar subscriptions={found} />}</Loaded>;
}

function Every(): ReactNode {
  const { t } = useWords();
  return <Paged query={useEvery()} empty={<Empty title={t("mine.none")} />}>{(found) => <List rows={found} name={t("mine.every")} />}</Paged>;
}
