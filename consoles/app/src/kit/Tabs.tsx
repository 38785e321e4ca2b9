import type { ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs as Base } from "react-aria-components";

interface Props {
  label: string;
  tabs: readonly { id: string; title: string; body: () => ReactNode }[];
}

/** Only the chosen tab is built, so a hidden one asks the server for nothing. */
export function Tabs({ label, tabs }: Props): ReactNode {
  return (
    <Base>
      <TabList aria-label={label} className="tabs-list">
        {tabs.map((tab) => <Tab key={tab.id} id={tab.id} className="tab">{tab.title}</Tab>)}
      </TabList>
      {tabs.map((tab) => <TabPanel key={tab.id} id={tab.id} className="tab-panel">{tab.body()}</TabPanel>)}
    </Base>
  );
}
